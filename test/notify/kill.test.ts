import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { systemFiles, type Files } from '../../src/store/files.ts';
import { fail, OK } from '../support/verdict-driver.ts';
import { Night } from './night.ts';

const MINUTE = 60_000;
const home = mkdtempSync(join(tmpdir(), 'notify-kill-'));

after(() => rmSync(home, { recursive: true }));

describe('killed at any step', () => {
  test('a message is sent once or twice with the same id, and never lost', async () => {
    // As many steps as the longest run makes: after that nothing is killed.
    let steps = 0;
    for (let step = 0; step <= steps; step += 1) {
      const own = join(home, `step${step}`);
      const night = new Night(own);
      const { files, count } = killedAt(step);
      await Promise.race([night.open(files), night.settle()]);
      const source = fail('source');
      const web = night.app('web').comesOnline().answers(OK, source, source, source);
      await night.pass(40_000);
      void night.notifier?.abandon();
      await night.pass(3_000);
      const notifier = await night.open();
      await night.pass(MINUTE);
      web.answers(OK);
      await night.pass(MINUTE);
      await notifier.close();
      const events = night.got.map(({ notice }) => notice.event);
      const ids = new Set(night.got.map(({ notice }) => notice.id));
      assert.equal(ids.size, 2, `step ${step}: ${events.join(' ')}`);
      assert.ok(events.length <= 3, `step ${step}: ${events.join(' ')}`);
      steps = Math.max(steps, Math.min(40, count()));
    }
    assert.ok(steps > 10, `only ${steps} steps were seen`);
  });
});

/** Files whose operations hang from the `nth` on, as those of a process that is no more. */
function killedAt(nth: number): { files: Files; count: () => number } {
  let done = 0;
  const files: Files = { ...systemFiles };
  for (const name of ['open', 'rename', 'unlink', 'lstat', 'mkdir', 'chmod'] as const) {
    const real = systemFiles[name] as (...given: unknown[]) => Promise<unknown>;
    Object.assign(files, {
      [name]: (...given: unknown[]) => {
        done += 1;
        return done > nth ? new Promise(() => undefined) : real(...given);
      },
    });
  }
  return { files, count: () => done };
}
