// The measured process: the whole monitor as it is shipped (scheduler, probes, verdict, metrics, journal), or
// bare loops that ask the same.
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock, type Clock } from '../../dist/time/clock.js';
import { dispersion, quantile } from '../statistics.ts';
import { bareLoops } from './bare-loops.ts';
import type { Measured, Subject } from './measure.ts';
import { profile } from './profile.ts';
import type { Tally } from './watch.ts';

const [subject] = (await once(process, 'message')) as [Subject]; // from measure.ts
const tally: Tally = { probes: 0, polls: 0, dueAt: {} };
/** How late each sleep ended, and when: plain columns, because there may be hundreds of thousands. */
let lags: number[] = [];
let wakes: number[] = [];

/** The machine's clock, which notes how late each sleep ends. */
const clock: Clock = {
  ...systemClock,
  async sleep(ms, signal) {
    const dueAt = performance.now() + ms;
    await systemClock.sleep(ms, signal);
    if (signal?.aborted === true || subject.heapLooks !== undefined) return;
    const wokeAt = performance.now();
    lags.push(wokeAt - dueAt);
    wakes.push(wokeAt);
  },
};

/** Sleeps during the measurement, and measures the heap in between where that is wanted. */
async function passTime(): Promise<Measured['heap']> {
  const looks = subject.heapLooks ?? 0;
  const heap: { probes: number; bytes: number }[] = [];
  for (let look = 0; look < looks; look += 1) {
    await sleep(subject.measureMs / looks);
    heap.push({ probes: tally.probes, bytes: await liveBytes() });
  }
  if (looks === 0) await sleep(subject.measureMs);
  return heap;
}

/** The least after some collections: objects in use at the moment are no growth, but would hide it. */
async function liveBytes(): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 5; round += 1) {
    globalThis.gc?.();
    least = Math.min(least, process.memoryUsage().heapUsed);
    await sleep(20);
  }
  return least;
}

const beganAt = performance.now();
const isMonitor = subject.mode === 'monitor';
// Loaded only then: a bare loop must have nothing of the monitor in its memory.
const stop = isMonitor
  ? await (await import('./watch.ts')).watch(subject, clock, tally)
  : bareLoops(subject, clock, tally);
const readyMs = performance.now() - beganAt;
process.send?.({ isReady: true });
await sleep(subject.warmMs);
globalThis.gc?.();
[lags, wakes] = [[], []];
const endProfile = subject.isProfiled === true ? await profile() : null;
const [probesBefore, pollsBefore] = [tally.probes, tally.polls];
const [cpuBefore, measuredFrom] = [process.cpuUsage(), performance.now()];
const heap = await passTime();
const used = process.cpuUsage(cpuBefore);
const elapsedMs = performance.now() - measuredFrom;
const probes = tally.probes - probesBefore;
const spent = (await endProfile?.()) ?? [];
const measured: Measured = {
  probes,
  polls: tally.polls - pollsBefore,
  elapsedMs,
  readyMs,
  cpuUs: used.user + used.system,
  lagP50Ms: quantile(lags, 0.5),
  lagP99Ms: quantile(lags, 0.99),
  dispersion: dispersion(wakes, 10),
  ...resting(),
  heap,
  dueAt: tally.dueAt,
  profile: spent,
};
process.send?.(measured, () => {
  void stop().finally(() => process.exit());
});

function resting(): Pick<Measured, 'rssBytes' | 'heapBytes'> {
  [lags, wakes] = [[], []];
  globalThis.gc?.();
  const { rss, heapUsed } = process.memoryUsage();
  return { rssBytes: rss, heapBytes: heapUsed };
}
