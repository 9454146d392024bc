// How long a hang is not seen at the default settings: many targets, each hung at a random time.
import { setTimeout as sleep } from 'node:timers/promises';
import { timingOf, windowOf } from './floor.ts';
import { number, type Findings, type Part } from './part.ts';
import { mean, quantile } from './statistics.ts';
import { begin } from './subject/measure.ts';
import { startServers } from './subject/start-servers.ts';

/** Fewer than half are ever hung: where half fail within 10 s, the monitor assumes a fault of the machine. */
const TARGETS = 400;
const HUNG = 150;

async function detectionTimes(hung: number): Promise<number[]> {
  const { periodMs } = timingOf({});
  const servers = await startServers(TARGETS);
  // The process that serves as each app's process: the one with four hundred ports is like no app.
  const idle = await startServers(1);
  try {
    const asked = servers.ports.map((port) => ({ http: `http://127.0.0.1:${port}/` }));
    const spreadMs = 2 * periodMs;
    const running = begin({
      mode: 'monitor',
      asked,
      periodMs,
      serverPid: idle.pid,
      isObserved: true,
      warmMs: 0,
      measureMs: spreadMs + 15_000,
    });
    await running.ready;
    // By then all are at their regular pace: a starting app is probed more often.
    await sleep(periodMs);
    const hungAt = await hangSome(servers, hung, spreadMs - periodMs);
    const { dueAt } = await running.measured;
    return hungAt.map((at, index) => (dueAt[String(index)] ?? Number.NaN) - at);
  } finally {
    idle.stop();
    servers.stop();
  }
}

/** Hangs the first `count` servers, one after the other, each at a random time; returns the times. */
async function hangSome(
  servers: { hang(index: number): void },
  count: number,
  withinMs: number,
): Promise<number[]> {
  const waits = Array.from({ length: count }, () => Math.random() * withinMs);
  return Promise.all(
    waits.map(async (wait, index) => {
      await sleep(wait);
      servers.hang(index);
      return Date.now();
    }),
  );
}

function findingsOf(times: readonly number[]): Findings {
  const seen = times.filter((time) => Number.isFinite(time));
  const bound = windowOf('hang', timingOf({}));
  const at = (q: number): string => number(quantile(seen, q) / 1_000);
  return {
    tables: [
      {
        head: ['a hang at the defaults, s', 'least', 'mean', 'p50', 'p90', 'p99', 'most'],
        rows: [
          [
            `measured, ${seen.length} of ${times.length}`,
            at(0),
            number(mean(seen) / 1_000),
            at(0.5),
            at(0.9),
            at(0.99),
            at(1),
          ],
          [
            'computed',
            number(bound.leastMs / 1_000),
            number(bound.meanMs / 1_000),
            '',
            '',
            '',
            number(bound.mostMs / 1_000),
          ],
        ],
      },
    ],
    goals: [
      {
        what: 'mean time to see a hang ÷ computed',
        figure: mean(seen) / bound.meanMs,
        limit: 1.05,
      },
      {
        what: 'longest time to see a hang ÷ computed',
        figure: Math.max(...seen) / bound.mostMs,
        limit: 1.02,
      },
      { what: 'hangs that were not seen', figure: times.length - seen.length, limit: 0 },
    ],
    figures: { timesMs: times, computed: bound },
  };
}

export const detection: Part = {
  name: 'detection',
  run: async (isQuick) => findingsOf(await detectionTimes(isQuick ? 50 : HUNG)),
};
