import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PsWatch } from '../../src/monitor/ps-watch.ts';
import { FakeClock } from '../support/fake-clock.ts';

test('a missing ps is reported once, shown while it lasts, and forgotten when it is there', async () => {
  const clock = new FakeClock();
  const lines: string[] = [];
  let isMissing = true;
  const log = {
    line: (level: string, message: string) => void lines.push(`${level} ${message.slice(0, 30)}`),
  };
  const watch = new PsWatch({ clock, log, look: async () => isMissing });
  assert.equal(watch.trouble(), null);
  const stopping = new AbortController();
  const watching = watch.watch(stopping.signal);
  await clock.pass(0);
  assert.match(watch.trouble() ?? '', /the program ps is not in the PATH/);
  assert.equal(await watch.check(), true);
  assert.deepEqual(lines, ['error the program ps is not in the P']);
  isMissing = false;
  await clock.pass(60_000);
  assert.equal(watch.trouble(), null);
  assert.equal(lines.length, 2);
  stopping.abort();
  await watching;
});
