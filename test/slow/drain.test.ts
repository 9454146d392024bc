import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { startSide, type Side } from '../support/balanced.ts';
import { freePorts } from '../support/free-ports.ts';
import { holds, until } from '../support/until.ts';

const CLI = join(import.meta.dirname, '../../dist/cli/main.js');

describe('an operator who comes while an app drains, on a real PM2', () => {
  let side: Side;

  before(async () => {
    const base = await freePorts(2);
    // Long enough for a command on a busy machine.
    side = await startSide({ port: base, http: base + 1 }, {}, { drain: '20s' });
  });

  after(() => side.sandbox.destroy());

  const health = async (path = '/health/web'): Promise<string> => {
    const signal = AbortSignal.timeout(10_000);
    const answer = await fetch(`http://127.0.0.1:${side.http}${path}`, { signal });
    return `${answer.status} ${(await answer.text()).trim()}`;
  };

  /** Waits until the app drains; gives the time of the restart, in epoch milliseconds. */
  const drains = (): Promise<number> =>
    until(
      'it drains',
      async () => {
        const { state, summary, next } = await side.sandbox.target('web');
        if (state !== 'backoff' || !summary.includes('drain')) throw new Error(summary);
        assert.equal(await health(), '503 backoff');
        return Date.parse(next.at ?? '');
      },
      { withinMs: 120_000 },
    );

  /** Some probes after the restart would have come, nothing has changed. */
  const staysSo = async (at: number): Promise<void> => {
    const { pid, pm2_env } = await side.sandbox.app('web');
    const { state } = await side.sandbox.target('web');
    await holds(`${state}, no restart`, at + 3_000 - Date.now(), async () => {
      const [app, target] = [await side.sandbox.app('web'), await side.sandbox.target('web')];
      const isSame = app.pid === pid && app.pm2_env.status === pm2_env.status;
      return isSame && target.state === state && target.restarts.total === 0;
    });
  };

  test('pauses it, or stops it: no restart follows, and /health says how it is', async () => {
    const { sandbox, path } = side;
    const operate = async (command: string): Promise<void> => {
      const { exitCode, text } = await sandbox.run(process.execPath, [CLI, command, 'web']);
      assert.equal(exitCode, 0, text);
    };
    const { pid } = await sandbox.app('web');
    writeFileSync(`${path}.leak`, '');
    const first = await drains();
    await operate('pause');
    assert.ok(Date.now() < first, 'in time');
    assert.equal(await health(), '200 paused (as last known: it is paused)');
    assert.match(await health('/health/web?ready'), /^503 paused/);
    await staysSo(first);
    assert.equal((await sandbox.app('web')).pid, pid);

    await operate('resume');
    const second = await drains();
    await sandbox.pm2('stop', 'web');
    assert.ok(Date.now() < second, 'in time');
    await sandbox.reaches('web', 'paused');
    assert.equal(await health(), '503 paused');
    await staysSo(second);
    assert.equal((await sandbox.app('web')).pm2_env.status, 'stopped');

    await sandbox.pm2('restart', 'web');
    await sandbox.reaches('web', 'healthy', 60_000);
    assert.equal(await health(), '200 healthy');
    assert.equal((await sandbox.target('web')).restarts.total, 0);
  });
});
