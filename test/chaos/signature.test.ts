import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { transformerOf } from '../support/processes.ts';
import { Stage } from '../support/scenario.ts';
import { holds, until } from '../support/until.ts';
import { statusOf } from '../support/vite-app.ts';
import { FAST, WatchedVite } from '../support/watched-vite.ts';

/** The requested module, whose text changes. */
const MODULE = 'src/App.tsx';
const DEEP_MS = 2_000;
const JITTER = 1.1;
/** Both are 1 s: `FAST` has the one, the other is the default. */
const PERIOD_MS = 1_000 * JITTER;
const FAST_PERIOD_MS = 1_000 * JITTER;
const PM2_KILL_MS = 1_600;
const START_MS = 3_000;
/**
 * The deep check is due, the next probe begins it and the one after that takes its answer; two more
 * bad samples; PM2's kill timeout, and the start of the server on a machine with others to serve.
 */
const BOUND_MS =
  DEEP_MS + 2 * PERIOD_MS + (FAST.failureThreshold - 1) * FAST_PERIOD_MS + PM2_KILL_MS + START_MS;

describe('a Vite 7 whose transformer (esbuild’s child) is killed', () => {
  test('is restarted once, by us and within the bound, and a broken source before it is not', async (context) => {
    const stage = new Stage();
    try {
      const web = await WatchedVite.start(stage, {
        vite: { version: 7 },
        deepPeriod: `${DEEP_MS}ms`,
      });
      const ask = (): Promise<number> => statusOf(`${web.app.url}${MODULE}`, 2_000);
      const pid = await web.pid();

      const mend = await web.app.edit(MODULE, (text) => `${text}\nexport const broken = (;\n`);
      const degraded = await web.sandbox.reaches(web.name, 'degraded');
      assert.equal(degraded.last?.class, 'source');
      await holds('a broken source is left alone', 5_000, async () => (await web.pid()) === pid);
      await mend();
      await web.healthy();
      assert.deepEqual(await web.restarts(), { pm2: 0, ours: 0 });

      const beganAt = performance.now();
      process.kill(await transformerOf(pid), 'SIGKILL');
      // What is transformed already is served still: the fault shows with the next save.
      await web.app.edit(MODULE, (text) => `${text}\n// saved once more\n`);
      await until('modules answer 500', async () => (await ask()) === 500, { everyMs: 20 });
      assert.equal(await web.app.page(2_000), 200, 'the page itself does not show it');
      await until('modules answer 200', async () => (await ask()) === 200, { everyMs: 50 });
      const ms = performance.now() - beganAt;
      context.diagnostic(`modules again after ${Math.round(ms)} ms, bound ${BOUND_MS} ms`);
      assert.ok(ms < BOUND_MS, `modules again after ${ms} ms, wanted at most ${BOUND_MS} ms`);

      await web.healthy();
      await holds('once is enough', 3 * DEEP_MS, async () => {
        const { pm2, ours } = await web.restarts();
        return pm2 === 1 && ours === 1;
      });
      assert.notEqual(await web.pid(), pid);
      const told = await web.sandbox.output('pm2-liveness');
      // Whichever module Vite has to transform first: its cache and its watcher decide.
      assert.match(
        told,
        /web: restarting: 3 of 3 checks failed \(signature: src\/\w+\.tsx: .*\); restart 1 of 5/,
      );
    } finally {
      await stage.end();
    }
  });
});
