import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ensureMonitor, showWatched } from '../../../src/cli/watch/watching.ts';
import type { ManagedProcess } from '../../../src/pm2/process.ts';
import type { StatusDocument } from '../../../src/report/status.ts';
import { LivenessError } from '../../../src/errors.ts';
import { managed } from '../../support/fake-pm2.ts';
import { FakeIo } from '../io.ts';

const STOPPED = managed({
  name: 'pm2-liveness',
  status: 'stopped',
  env: { pm_exec_path: '/srv/node_modules/pm2-liveness/dist/main.js' },
});

/** A document with these apps and their states; `bad` has a block that cannot be used. */
function document(states: Readonly<Record<string, string>>, bad: readonly string[] = []): unknown {
  return {
    monitor: { state: 'active' },
    targets: Object.entries(states).map(([name, state]) => ({ name, state, summary: state })),
    misconfigured: bad.map((name) => ({ name })),
  };
}

/** Looks one after the other; the last one stays. A string is the code of an error. */
function deps(
  looks: readonly unknown[],
  processes: readonly ManagedProcess[] = [],
): Parameters<typeof ensureMonitor>[0] & {
  io: FakeIo;
  asked: string[];
  looked: () => number;
} {
  const io = new FakeIo();
  const asked: string[] = [];
  let at = 0;
  return {
    io,
    asked,
    looked: () => at,
    pm2Home: '/nowhere',
    isYes: false,
    ask: async (question: string): Promise<string | null> => {
      asked.push(question);
      return null;
    },
    monitor: {
      processes: async () => processes,
      status: async (): Promise<StatusDocument | null> => {
        const look = looks[Math.min(at, looks.length - 1)];
        at += 1;
        if (look === 'ERR_MONITOR' || look === 'ERR_PM2_TIMEOUT')
          throw new LivenessError(look, 'x');
        return look as StatusDocument | null; // as far as it is read
      },
    },
  };
}

describe('the monitor of watch', () => {
  test('is not started where one leads', async () => {
    const given = deps([document({})]);
    assert.equal(await ensureMonitor(given), true);
    assert.deepEqual([given.io.outLines, given.asked], [[], []]);
  });

  test('that somebody stopped is left to its operator, with the line to type', async () => {
    const given = deps([null], [STOPPED]);
    assert.equal(await ensureMonitor({ ...given, isYes: true }), false);
    assert.deepEqual(given.io.outLines.slice(1), [
      'Nothing is watched yet: PM2 has a monitor, pm2-liveness: stopped.',
      '  npx pm2 restart pm2-liveness',
    ]);
    assert.deepEqual(given.asked, []);
  });

  test('is not started where nobody says so', async () => {
    const given = deps(['ERR_MONITOR']);
    assert.equal(await ensureMonitor(given), false);
    assert.deepEqual(given.asked, ['Start it now? [y/N] ']);
    assert.match(
      given.io.outLines.join('\n'),
      /^ {2}npx pm2 start .*main\.js --name pm2-liveness/m,
    );
  });
});

describe('the apps that were just watched', () => {
  test('are shown once each has been probed, and no others', async () => {
    const given = deps([
      null,
      'ERR_PM2_TIMEOUT',
      document({ other: 'healthy', web: 'starting' }),
      document({ other: 'healthy', web: 'healthy' }),
    ]);
    assert.equal(await showWatched(['web'], given), true);
    assert.equal(given.looked(), 4);
    assert.deepEqual(given.io.outLines, ['', 'web: healthy']);
  });

  test('need not be probed where their block cannot be used', async () => {
    const given = deps([document({}, ['web'])]);
    assert.equal(await showWatched(['web'], given), true);
    assert.equal(given.looked(), 1);
  });

  test('are named where the monitor does not know them, with what to do about an old one', async () => {
    const stop = new AbortController();
    const given = deps([document({ other: 'healthy' })]);
    const io = Object.assign(given.io, { signal: stop.signal });
    stop.abort();
    assert.equal(await showWatched(['web', 'api'], { ...given, io }), false);
    assert.deepEqual(io.errLines, [
      'The monitor does not watch web, api yet; where it is older than this program: npx pm2 restart pm2-liveness',
    ]);
  });
});
