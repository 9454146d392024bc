// How long a hung server is down, with the build beside where one is given: each round breaks the servers of both
// builds at the same moment, so that both meet the same machine.
import { setTimeout as sleep } from 'node:timers/promises';
import type { LivenessBlock } from '../../src/index.ts';
import type { Checkout } from '../checkout.ts';
import { number, type Findings, type Goal, type Part } from '../part.ts';
import { median } from '../statistics.ts';
import { OWN_ROOT } from '../subject/measure.ts';
import { WatchedServers } from './watched-server.ts';

/** One fault, and the time in which the page should be back. */
interface Fault {
  readonly what: string;
  readonly goalMs: number;
  readonly block: Partial<LivenessBlock>;
  /** How many servers there are, and how many of them break. */
  readonly servers?: { readonly all: number; readonly broken: number };
  /** Breaks them. */
  readonly cause: (servers: WatchedServers) => Promise<void>;
  /** True where the time counts from the decision of the monitor. */
  readonly isFromDecision?: true;
  readonly rounds: { readonly quick: number; readonly whole: number };
}

const QUICK = { period: '1s', timeout: '1s' } as const;
const MANY = { all: 60, broken: 20 } as const;

/** All of these are measured at the same time: most of it is waiting. */
const FAULTS: readonly Fault[] = [
  {
    what: 'SIGSTOP, period 1 s, timeout 1 s',
    goalMs: 2_600,
    block: QUICK,
    cause: (servers) => servers.stop(1),
    rounds: { quick: 3, whole: 20 },
  },
  {
    what: 'SIGSTOP at the defaults',
    goalMs: 5_000,
    block: {},
    cause: (servers) => servers.stop(1),
    rounds: { quick: 3, whole: 20 },
  },
  {
    what: 'no answer, event loop alive, at the defaults',
    goalMs: 8_000,
    block: {},
    cause: (servers) => servers.ask('/silent'),
    rounds: { quick: 3, whole: 20 },
  },
];

/** Measured alone: a busy loop of each build takes two cores, and all else would be late by it. */
const BUSY: Fault = {
  what: 'busy loop, from the decision after `busyGrace`',
  goalMs: 1_600,
  block: { ...QUICK, busyGrace: '6s' },
  cause: (servers) => servers.ask('/spin'),
  isFromDecision: true,
  rounds: { quick: 3, whole: 20 },
};

/** Measured alone: so many servers keep the machine busy. */
const HERD: Fault = {
  what: `${MANY.all} servers, SIGSTOP of ${MANY.broken} at once, to the last, at the defaults`,
  goalMs: 30_000,
  block: {},
  servers: MANY,
  cause: (servers) => servers.stop(MANY.broken),
  rounds: { quick: 1, whole: 3 },
};

/** No restart of ours delays the next: there is one in 5 s over all apps. */
const REST_MS = 5_000;

/** The fault comes at a random moment of a period, which is at most this long. */
const PERIOD_MS = 5_000;

interface Times {
  readonly fault: Fault;
  readonly own: readonly number[];
  readonly other: readonly number[];
}

async function measure(fault: Fault, other: Checkout | null, isQuick: boolean): Promise<Times> {
  const roots = [OWN_ROOT, ...(other === null ? [] : [other.root])];
  const stages: WatchedServers[] = [];
  const times: number[][] = roots.map(() => []);
  const count = isQuick ? fault.rounds.quick : fault.rounds.whole;
  try {
    for (const root of roots)
      stages.push(await WatchedServers.open(root, fault.block, fault.servers?.all));
    for (let round = 1; round <= count; round += 1) {
      await Promise.all(stages.map((stage) => stage.rest()));
      await sleep(REST_MS + Math.random() * PERIOD_MS);
      const took = await Promise.all(stages.map((stage) => timeOf(fault, stage, round)));
      for (const [nth, ms] of took.entries()) times[nth]?.push(ms);
    }
  } finally {
    await Promise.all(stages.map((stage) => stage.close()));
  }
  const [own = [], others = []] = times;
  console.log(`${fault.what}: ${spread(own)}, the other ${spread(others)}`);
  return { fault, own, other: others };
}

/** Milliseconds from the fault, or the decision, until the last server is back. */
async function timeOf(fault: Fault, stage: WatchedServers, round: number): Promise<number> {
  const brokenAt = performance.now();
  await fault.cause(stage);
  const [backAt, decidedAt] = await Promise.all([
    stage.backAt(fault.servers?.broken ?? 1),
    fault.isFromDecision ? stage.decidedAt(round) : brokenAt,
  ]);
  return backAt - decidedAt;
}

function findingsOf(all: readonly Times[], name: string | null): Findings {
  const rows = all.map(({ fault, own, other }) => [
    fault.what,
    seconds(fault.goalMs),
    ...(name === null ? [] : [spread(other)]),
    spread(own),
    String(own.length),
  ]);
  const beside = name === null ? [] : [`${name}, s`];
  const goals: readonly Goal[] = all.map(({ fault, own }) => ({
    what: `${fault.what}, s`,
    figure: median(own) / 1_000,
    limit: fault.goalMs / 1_000,
  }));
  const head = ['fault', 'goal, s', ...beside, 'this build, s', 'rounds'];
  return { tables: [{ head, rows }], goals, figures: all };
}

/** The median, with the least and the most. */
function spread(times: readonly number[]): string {
  const [least, most] = [Math.min(...times), Math.max(...times)];
  return `${seconds(median(times))} (${seconds(least)} to ${seconds(most)})`;
}

function seconds(ms: number): string {
  return number(ms / 1_000);
}

export const faults: Part = {
  name: 'faults',
  async run(isQuick, other = null) {
    const times = await Promise.all(FAULTS.map((fault) => measure(fault, other, isQuick)));
    const busy = await measure(BUSY, other, isQuick);
    const herd = await measure(HERD, other, isQuick);
    return findingsOf([...times, busy, herd], other?.name ?? null);
  },
};
