import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { MODULE, ModuleHome } from '../support/module-home.ts';
import { smallServer } from '../support/small-server.ts';
import { until } from '../support/until.ts';

describe('pm2 set on the installed module', { skip: process.platform !== 'linux' }, () => {
  let home: ModuleHome;

  before(async () => {
    home = await ModuleHome.create();
    // Its block asks for a probe each 300 ms and for two failures.
    await home.sandbox.start(await smallServer(home.sandbox, 'web'));
    await home.install();
  });

  after(() => home.destroy());

  /** The time of the last good sample, in milliseconds. */
  async function lastOkAt(): Promise<number> {
    const { last } = await home.sandbox.target('web');
    if (last?.ok !== true) throw new Error(JSON.stringify(last));
    return Date.parse(last.at);
  }

  /** The time of the next good sample after one at a time. */
  async function nextOkAt(since: number): Promise<number> {
    return until('another sample', async () => {
      const at = await lastOkAt();
      // Two statuses of one sample can differ by a millisecond, because its wall time is computed each time.
      return at > since + 50 ? at : null;
    });
  }

  /** Milliseconds from a sample of the healthy app to the next. */
  async function gap(): Promise<number> {
    await home.sandbox.reaches('web', 'healthy');
    // The first one after a start comes at the pace of the start.
    const first = await nextOkAt(await lastOkAt());
    return (await nextOkAt(first)) - first;
  }

  /** What the status document has to say against the settings. */
  async function problems(): Promise<readonly string[]> {
    return (await home.sandbox.status())?.problems ?? assert.fail('no monitor answers');
  }

  /** The lines of the module's log that hold a word. */
  async function linesWith(word: string): Promise<readonly string[]> {
    return (await home.sandbox.output(MODULE)).split('\n').filter((line) => line.includes(word));
  }

  test('a good value holds, and goes before the block of the app', async () => {
    await until('the pace is that of the block', async () => (await gap()) < 1_000);
    await home.set('liveness_period', '2s');
    const gapMs = await gap();
    assert.ok(gapMs > 1_500, `${gapMs} ms between two samples`);
    // PM2 keeps the number as a text.
    await home.set('liveness_failure_threshold', '4');
    await home.sandbox.reaches('web', 'healthy');
    assert.equal((await home.sandbox.target('web')).threshold, 4);
    assert.deepEqual(await problems(), []);
  });

  test('a bad value is refused in one line of the log and in the status, and the watch continues', async () => {
    await home.set('liveness_period', 'banana');
    const wanted = /pm2-liveness:liveness_period: got 'banana'; write/;
    const told = (await problems()).filter((problem) => wanted.test(problem));
    assert.equal(told.length, 1, (await problems()).join('\n'));
    const lines = await linesWith('banana');
    assert.equal(lines.length, 1, lines.join('\n'));
    assert.match(lines[0] ?? '', wanted);
    await home.sandbox.reaches('web', 'healthy');
    assert.equal((await home.sandbox.target('web')).threshold, 4, 'the good ones hold');
    assert.ok((await gap()) > 1_500, 'it is probed, and the last good period holds');
  });

  test('an unknown name, and one without the prefix, are reported; the watch continues', async () => {
    await home.set('liveness_perod', '1s');
    await home.set('timeout', '1s');
    const told = (await problems()).join('\n');
    const meant = (name: string): string => `did you mean '${MODULE}:liveness_${name}'?`;
    assert.ok(told.includes(`${MODULE}:liveness_perod: unknown setting; ${meant('period')}`), told);
    assert.ok(told.includes(`${MODULE}:timeout: unknown setting; ${meant('timeout')}`), told);
    await home.sandbox.reaches('web', 'healthy');
  });

  test('what is fixed or removed is no problem any more', async () => {
    for (const key of ['liveness_perod', 'timeout']) {
      const { exitCode, text } = await home.sandbox.pm2('unset', `${MODULE}:${key}`);
      assert.equal(exitCode, 0, text);
    }
    await home.set('liveness_period', '300ms');
    assert.deepEqual(await problems(), []);
    await until('the pace is the new one', async () => (await gap()) < 1_000);
    assert.deepEqual(home.registry.refused, []);
  });
});
