// From one target to five thousand, each probed once a second: delay, CPU, memory, missed probes.
import { number, ratio, type Findings, type Part } from './part.ts';
import { exponentOf, slopeOf } from './statistics.ts';
import { measure, type Measured, type Subject } from './subject/measure.ts';
import { startServers, type Servers } from './subject/start-servers.ts';

/** Once a second; the largest number also at the default period. */
const SIZES = [
  { targets: 1, periodMs: 1_000 },
  { targets: 10, periodMs: 1_000 },
  { targets: 100, periodMs: 1_000 },
  { targets: 1_000, periodMs: 1_000 },
  { targets: 5_000, periodMs: 5_000 },
  { targets: 5_000, periodMs: 1_000 },
] as const;

/** What the bare loops need, and a quick run has. */
const WARM_MS = 2_000;
/** In its first minute a monitor looks at each app's files and begins its history, which it does once. */
const FIRST_MINUTE_MS = 70_000;

interface Size {
  readonly targets: number;
  readonly periodMs: number;
  readonly monitor: Measured;
  readonly bare: Measured;
}

const cores = ({ cpuUs, elapsedMs }: Measured): number => cpuUs / 1_000 / elapsedMs;
/**
 * One probe per period is due on average. With few targets, one just outside the measured seconds counts
 * much.
 */
const FEWEST_DUE = 400;
function missed({ monitor: { elapsedMs, probes }, targets, periodMs }: Size): string {
  const due = (elapsedMs / periodMs) * targets;
  return due < FEWEST_DUE ? '' : `${(Math.max(0, 1 - probes / due) * 100).toFixed(1)} %`;
}

function subjectOf(
  servers: Servers,
  { targets, periodMs }: (typeof SIZES)[number],
  measureMs: number,
): Omit<Subject, 'mode'> {
  const asked = servers.ports
    .slice(0, targets)
    .map((port) => ({ http: `http://127.0.0.1:${port}/` }));
  return { asked, periodMs, serverPid: servers.pid, warmMs: WARM_MS, measureMs };
}

async function measureSizes(isQuick: boolean): Promise<Size[]> {
  const sizes = isQuick ? SIZES.slice(0, -2) : SIZES;
  const servers = await startServers(sizes.at(-1)?.targets ?? 0);
  const found: Size[] = [];
  try {
    for (const size of sizes) {
      const subject = subjectOf(servers, size, isQuick ? 4_000 : 5_000);
      const warmMs = isQuick ? WARM_MS : FIRST_MINUTE_MS;
      const monitor = await measure({ ...subject, mode: 'monitor', warmMs });
      found.push({ ...size, monitor, bare: await measure({ ...subject, mode: 'bare' }) });
    }
  } finally {
    servers.stop();
  }
  return found;
}

function rowOf(size: Size): string[] {
  const { monitor, bare } = size;
  return [
    number(monitor.lagP50Ms),
    number(monitor.lagP99Ms),
    number(bare.lagP99Ms),
    number(cores(monitor) * 100),
    ratio(cores(monitor) / cores(bare)),
    number(monitor.rssBytes / 1_048_576),
    number(bare.rssBytes / 1_048_576),
    missed(size),
    number(monitor.dispersion),
  ];
}

function findingsOf(sizes: readonly Size[]): Findings {
  const thousand = sizes.find(({ targets }) => targets === 1_000);
  // Below a hundred the cost at rest is larger than that of the targets; above a thousand the core is full.
  const steady = sizes.filter(({ targets }) => targets >= 100 && targets <= 1_000);
  const exponent = exponentOf(steady.map(({ targets, monitor }) => [targets, cores(monitor)]));
  const bareExponent = exponentOf(steady.map(({ targets, bare }) => [targets, cores(bare)]));
  // With a full core, waiting probes need memory, which does not belong to the targets.
  const calm = sizes.filter(({ targets, periodMs }) => (targets / periodMs) * 1_000 <= 1_000);
  const bytes = slopeOf(calm.map(({ targets, monitor }) => [targets, monitor.rssBytes]));
  const heap = slopeOf(calm.map(({ targets, monitor }) => [targets, monitor.heapBytes]));
  const bareBytes = slopeOf(calm.map(({ targets, bare }) => [targets, bare.rssBytes]));
  return {
    tables: [
      {
        head: [
          'targets',
          'period, s',
          'delay p50, ms',
          'delay p99, ms',
          'of bare loops, ms',
          'CPU, % of a core',
          'beside bare loops',
          'RSS, MB',
          'of bare loops, MB',
          'not asked in time',
          'spread',
        ],
        rows: sizes.map((size) => [
          number(size.targets),
          number(size.periodMs / 1_000),
          ...rowOf(size),
        ]),
      },
      {
        head: ['slope', 'value'],
        rows: [
          ['CPU from 100 to 1 000 targets, exponent (1 is linear)', number(exponent)],
          ['the same of bare loops', number(bareExponent)],
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
    figures: { sizes, exponent, bareExponent, bytes, heap, bareBytes },
  };
}

export const scale: Part = {
  name: 'scale',
  run: async (isQuick) => findingsOf(await measureSizes(isQuick)),
};
