// Whether the heap grows with the probes: measured after forced collections, over 100 000 probes.
import { number, type Findings, type Part } from './part.ts';
import { slopeOf } from './statistics.ts';
import { measure, type Measured } from './subject/measure.ts';
import { startServers } from './subject/start-servers.ts';

const TARGETS = 200;
const PERIOD_MS = 100;
const PROBES = 100_000;
const LOOKS = 20;
/** The probes of one app in a day at the default period. */
const PROBES_A_DAY = 86_400 / 5;

function findingsOf({ heap }: Measured): Findings {
  const [first, last] = [heap[0], heap.at(-1)];
  // In the first half caches fill and code is compiled.
  const settled = heap.slice(Math.floor(heap.length / 2));
  const bytesAProbe = slopeOf(settled.map(({ probes, bytes }) => [probes, bytes]));
  const bytesADay = bytesAProbe * PROBES_A_DAY;
  return {
    tables: [
      {
        head: ['probes', 'heap before, MB', 'heap after, MB', 'bytes a probe', 'KB a day, one app'],
        rows: [
          [
            number(last?.probes ?? 0),
            number((first?.bytes ?? Number.NaN) / 1_048_576),
            number((last?.bytes ?? Number.NaN) / 1_048_576),
            bytesAProbe.toFixed(3),
            number(bytesADay / 1_024),
          ],
        ],
      },
    ],
    // A sample that is kept would need a hundred bytes or more.
    goals: [{ what: 'bytes that a probe leaves on the heap', figure: bytesAProbe, limit: 1 }],
    figures: { heap, bytesAProbe, bytesADay },
  };
}

export const growth: Part = {
  name: 'growth',
  async run(isQuick) {
    const servers = await startServers(TARGETS);
    try {
      const probes = isQuick ? PROBES / 10 : PROBES;
      const subject = {
        mode: 'monitor',
        asked: servers.ports.map((port) => ({ http: `http://127.0.0.1:${port}/` })),
        periodMs: PERIOD_MS,
        serverPid: servers.pid,
        warmMs: 2_000,
        measureMs: (probes / TARGETS) * PERIOD_MS,
        heapLooks: LOOKS,
      } as const;
      return findingsOf(await measure(subject));
    } finally {
      servers.stop();
    }
  },
};
