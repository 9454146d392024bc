import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Sink } from '../notify/channel/sink.ts';
import { plainCanary, sung } from '../support/canary.ts';
import { isAlive, Pm2Sandbox, type Ran } from '../support/pm2-sandbox.ts';
import { smallServer } from '../support/small-server.ts';
import { until } from '../support/until.ts';

const program = join(import.meta.dirname, '../../dist/cli/main.js');

describe('guard run on a real PM2', { skip: process.platform !== 'linux' }, () => {
  let sandbox: Pm2Sandbox;
  let sink: Sink;
  /** What every look printed. */
  const said: string[] = [];

  before(async () => {
    sink = await Sink.start();
    sandbox = await Pm2Sandbox.create();
    await sandbox.start(await smallServer(sandbox, 'web'));
    const url = `${sink.origin}/${plainCanary('path')}?secret=${plainCanary('secret')}&name=ops`;
    await sandbox.startMonitor({ LIVENESS_NOTIFY: url });
    await sandbox.reaches('web', 'healthy');
    await sandbox.pm2('save');
  });

  after(async () => {
    await sink.stop();
    await sandbox.destroy();
  });

  async function look(): Promise<Ran> {
    const ran = await sandbox.run(process.execPath, [program, 'guard', 'run']);
    said.push(ran.text);
    return ran;
  }

  /** The guard's messages so far; those of the monitor are about the app. */
  function messages(): readonly string[] {
    return sink.requests
      .map(({ body }) => JSON.parse(body) as { event: string; text: string })
      .filter(({ event }) => event === 'monitor')
      .map(({ text }) => text);
  }

  test('all is well', async () => {
    const { exitCode, text } = await look();
    assert.deepEqual([exitCode, text], [0, 'well: PM2 answers, and the monitor leads']);
    assert.deepEqual(messages(), []);
  });

  test('of two looks at the same moment one does nothing', async () => {
    const both = await Promise.all([look(), look()]);
    const texts = both.map(({ text }) => text).toSorted();
    assert.ok(
      texts.every((text) => /^well|^guard: another look runs at this moment$/.test(text)),
      texts.join('\n'),
    );
  });

  test('a daemon killed with SIGKILL is started again, with one message, and one when all is well', async () => {
    const daemon = await sandbox.daemon();
    const { pid } = await sandbox.app('web');
    process.kill(daemon, 'SIGKILL');
    await until('the daemon is gone', () => !isAlive(daemon));
    // What a boot or an out-of-memory kill takes along. An app may have ended with its daemon.
    if (isAlive(pid)) process.kill(pid, 'SIGKILL');
    const { exitCode, text } = await look();
    assert.equal(exitCode, 0, text);
    assert.match(text, /^trouble: PM2 was killed; `pm2 resurrect` starts the saved apps$/);
    assert.notEqual(await sandbox.daemon(), daemon);
    await sandbox.reaches('web', 'healthy', 60_000);
    assert.deepEqual(messages(), ['PM2 was killed; `pm2 resurrect` starts the saved apps']);
    assert.match((await look()).text, /^well/);
    assert.match((await look()).text, /^well/);
    assert.deepEqual(messages().slice(1), ['PM2 and the monitor work again']);
  });

  test('a monitor stopped with SIGSTOP is restarted in the same way', async () => {
    const { pid } = await sandbox.app('pm2-liveness');
    process.kill(pid, 'SIGSTOP');
    const { exitCode, text } = await look();
    assert.equal(exitCode, 0, text);
    assert.match(
      text,
      /^trouble: the monitor does not work: it is stopped \(SIGSTOP\); PM2 restarts it$/,
    );
    assert.equal(isAlive(pid), false);
    await sandbox.reaches('web', 'healthy', 60_000);
    assert.match((await look()).text, /^well/);
    assert.deepEqual(messages().slice(2), [
      'the monitor does not work: it is stopped (SIGSTOP); PM2 restarts it',
      'PM2 and the monitor work again',
    ]);
  });

  test("its file is the owner's alone, and has no secret of a channel, as no look prints one", () => {
    const file = join(sandbox.home, 'pm2-liveness', 'guard.json');
    assert.equal(statSync(file).mode & 0o777, 0o600);
    for (const text of [...said, readFileSync(file, 'utf8')]) assert.equal(sung(text), null);
  });
});
