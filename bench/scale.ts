// From one target to five thousand, each asked once a second: delay, CPU, memory, probes missed.
import { number, ratio, type Findings, type Part } from './part.ts';
import { exponentOf, slopeOf } from './statistics.ts';
import { measure, type Measured, type Subject } from './subject/measure.ts';
import { startServers, type Servers } from './subject/start-servers.ts';

const SIZES = [1, 10, 100, 1_000, 5_000] as const;
const PERIOD_MS = 1_000;

interface Size {
  readonly targets: number;
  readonly monitor: Measured;
  readonly bare: Measured;
}

const cores = ({ cpuUs, elapsedMs }: Measured): number => cpuUs / 1_000 / elapsedMs;
const due = ({ elapsedMs }: Measured, targets: number): number => (elapsedMs / PERIOD_MS) * targets;
/** A probe a period is due on average; a share of a per cent either way is the jitter's. */
const missed = (found: Measured, targets: number): number =>
  Math.max(0, 1 - found.probes / due(found, targets));

function subjectOf(servers: Servers, targets: number, measureMs: number): Omit<Subject, 'mode'> {
  const asked = servers.ports
    .slice(0, targets)
    .map((port) => ({ http: `http://127.0.0.1:${port}/` }));
  return { asked, periodMs: PERIOD_MS, serverPid: servers.pid, warmMs: 3_000, measureMs };
}

async function measureSizes(isQuick: boolean): Promise<Size[]> {
  const sizes = isQuick ? SIZES.slice(0, -1) : SIZES;
  const servers = await startServers(sizes.at(-1) ?? 0);
  const found: Size[] = [];
  try {
    for (const targets of sizes) {
      const subject = subjectOf(servers, targets, isQuick ? 4_000 : 8_000);
      const monitor = await measure({ ...subject, mode: 'monitor' });
      found.push({ targets, monitor, bare: await measure({ ...subject, mode: 'bare' }) });
    }
  } finally {
    servers.stop();
  }
  return found;
}

function findingsOf(sizes: readonly Size[]): Findings {
  const thousand = sizes.find(({ targets }) => targets === 1_000);
  // Below a hundred what a monitor costs at rest outweighs its targets; above a thousand the core is full.
  const steady = sizes.filter(({ targets }) => targets >= 100 && targets <= 1_000);
  const exponent = exponentOf(steady.map(({ targets, monitor }) => [targets, cores(monitor)]));
  const bytes = slopeOf(sizes.map(({ targets, monitor }) => [targets, monitor.rssBytes]));
  const heap = slopeOf(sizes.map(({ targets, monitor }) => [targets, monitor.heapBytes]));
  const bareBytes = slopeOf(sizes.map(({ targets, bare }) => [targets, bare.rssBytes]));
  return {
    tables: [
      {
        head: [
          'targets',
          'delay p50, ms',
          'delay p99, ms',
          'CPU, % of a core',
          'beside bare loops',
          'RSS, MB',
          'not asked in time',
          'spread',
        ],
        rows: sizes.map(({ targets, monitor, bare }) => [
          number(targets),
          number(monitor.lagP50Ms),
          number(monitor.lagP99Ms),
          number(cores(monitor) * 100),
          ratio(cores(monitor) / cores(bare)),
          number(monitor.rssBytes / 1_048_576),
          `${(missed(monitor, targets) * 100).toFixed(1)} %`,
          number(monitor.dispersion),
        ]),
      },
      {
        head: ['slope', 'value'],
        rows: [
          ['CPU from 100 to 1 000 targets, exponent (1 is linear)', number(exponent)],
          ['RSS of each further target, KB', number(bytes / 1_024)],
          ['of these, live on the heap, KB', number(heap / 1_024)],
          ['RSS of each further bare loop, KB', number(bareBytes / 1_024)],
        ],
      },
    ],
    goals: [
      {
        what: 'p99 delay at 1 000 targets, ms',
        figure: thousand?.monitor.lagP99Ms ?? Number.NaN,
        limit: 50,
      },
      { what: 'RSS of a further target, KB', figure: bytes / 1_024, limit: 8 },
      { what: 'exponent of the CPU', figure: exponent, limit: 1.1 },
    ],
    figures: { sizes, exponent, bytes, heap, bareBytes },
  };
}

export const scale: Part = {
  name: 'scale',
  run: async (isQuick) => findingsOf(await measureSizes(isQuick)),
};
