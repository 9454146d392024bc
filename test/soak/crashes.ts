// An app that crashes 500 times (`--restarts`) in about ten minutes, beside another monitor whose app is well all
// the time: one incident, few lines, a small journal, and no more growth of the heap than beside the app that is well.
import assert from 'node:assert/strict';
import { parseArgs } from 'node:util';
import { Pm2Sandbox } from '../support/pm2-sandbox.ts';
import { hasRestarted, heapOfMonitor, playCrashLoop, startCrashing } from './crash-loop.ts';

const { values } = parseArgs({ options: { restarts: { type: 'string', default: '500' } } });
const restarts = Number(values.restarts);
assert.ok(Number.isSafeInteger(restarts) && restarts >= 60, '--restarts 60 or more');
/** Until then caches fill and code is compiled. */
const SETTLED = 50;
/** Half a kilobyte for each of 450 restarts: what is kept of each would be more. */
const GROWTH_BYTES = 512 * 1_024;

const [crashing, well] = await Promise.all([Pm2Sandbox.create(), Pm2Sandbox.create()]);
try {
  await startCrashing(well, true);
  await startCrashing(crashing);
  await hasRestarted(crashing, SETTLED);
  const before = await heapOfMonitor(well);
  const loop = await playCrashLoop(crashing, { restarts, settled: SETTLED });
  const wellGrowth = (await heapOfMonitor(well)) - before;
  console.table({ ...loop, 'growth beside an app that is well': wellGrowth });
  const more = loop.heapGrowth - wellGrowth;
  assert.ok(more < GROWTH_BYTES, `the heap grew by ${more} bytes more than that of the other`);
  console.log('1 passed, 0 failed');
} catch (error) {
  console.error(await crashing.output('pm2-liveness').catch(() => ''));
  console.error(error);
  console.log('0 passed, 1 failed');
  process.exitCode = 1;
} finally {
  await Promise.all([crashing.destroy(), well.destroy()]);
}
