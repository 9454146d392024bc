import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { dispatch } from '../../../src/cli/framework/dispatch.ts';
import { uptime } from '../../../src/cli/uptime-figures/uptime.ts';
import { Buckets } from '../../../src/history/series/buckets.ts';
import { historySchema } from '../../../src/history/series/document.ts';
import { encodeHistory, historyFileName } from '../../../src/history/series/history-file.ts';
import { FakeIo } from '../io.ts';

const MINUTE = 60_000;

describe('the command uptime', () => {
  let home: string;
  const before = process.env['PM2_HOME'];

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'pl-uptime-'));
    process.env['PM2_HOME'] = home;
  });

  afterEach(async () => {
    if (before === undefined) delete process.env['PM2_HOME'];
    else process.env['PM2_HOME'] = before;
    await rm(home, { recursive: true, force: true });
  });

  /** A history of two hours that ends now. */
  function write(name: string): void {
    const buckets = new Buckets();
    const now = Math.floor(Date.now() / MINUTE);
    for (let minute = now - 120; minute < now; minute += 1) {
      buckets.add({ minute, upMs: MINUTE, downMs: 0, checks: 1, times: [] });
    }
    const dir = join(home, 'pm2-liveness', 'history');
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    const app = { name, instance: 0 };
    writeFileSync(join(dir, historyFileName(app)), encodeHistory(app, buckets, now * MINUTE));
  }

  async function run(...typed: string[]): Promise<{ readonly code: number; readonly io: FakeIo }> {
    const io = new FakeIo();
    return { code: await dispatch([uptime], ['uptime', ...typed], io), io };
  }

  test('reads the files without a monitor', async () => {
    write('web');
    write('api');
    const { code, io } = await run();
    assert.equal(code, 0);
    assert.match(io.outLines[1] ?? '', /^api +100 %/);
    assert.match(io.outLines[3] ?? '', /^web +100 %/);
    assert.deepEqual(io.errLines, []);
  });

  test('gives one app and one window as JSON', async () => {
    write('web');
    write('api');
    const { code, io } = await run('web', '--since', '30d', '--json');
    assert.equal(code, 0);
    const { schemaVersion, apps } = JSON.parse(io.outLines.join('\n')) as {
      schemaVersion: number;
      apps: { app: string; windows: { window: string; uptime: number; downMs: number }[] }[];
    };
    assert.equal(schemaVersion, 1);
    assert.deepEqual(
      apps.map(({ app }) => app),
      ['web'],
    );
    const [window] = apps[0]?.windows ?? [];
    assert.deepEqual([window?.window, window?.uptime, window?.downMs], ['30d', 1, 0]);
  });

  test('says what to write instead of a bad --since, and of an unknown app', async () => {
    write('web');
    for (const since of ['91d', '30', 'yesterday', '1s']) {
      const { code, io } = await run('--since', since);
      assert.equal(code, 2, since);
      assert.equal(io.outLines.length, 0);
      assert.match(io.errLines.join('\n'), /--since: .*write/);
    }
    const { code, io } = await run('wbe');
    assert.equal(code, 2);
    assert.match(io.errLines.join('\n'), /did you mean 'web'/);
  });

  test('says that there is nothing yet, and names a file that cannot be read', async () => {
    const none = await run();
    assert.equal(none.code, 0);
    assert.match(none.io.errLines.join('\n'), /no history yet/);
    write('web');
    const bad = join(home, 'pm2-liveness', 'history', `${'a'.repeat(16)}-0.history`);
    writeFileSync(bad, 'hello');
    const { code, io } = await run();
    assert.equal(code, 0);
    assert.match(io.errLines.join('\n'), /is no history of an app/);
    assert.match(io.outLines[1] ?? '', /^web/);
  });

  test('prints the schema of /api/history', async () => {
    const { io } = await run('--schema');
    assert.deepEqual(JSON.parse(io.outLines.join('\n')), historySchema);
  });
});
