// Unusual load: the memory of all apps is watched, all apps are silent, and a stall of two seconds within a
// minute, also with half of a core. Where another build is given, each row runs with both, one after the
// other.
import { execFileSync, spawn } from 'node:child_process';
import { cpus } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Checkout } from './checkout.ts';
import { number, ratio, type Findings, type Goal, type Part } from './part.ts';
import { mean, median } from './statistics.ts';
import { begin, OWN_ROOT, type Asked, type Measured, type More } from './subject/measure.ts';
import { startServers, type Servers } from './subject/start-servers.ts';

const WARM_MS = 3_000;
const STALL_MS = 2_000;
/** The full pace should be back within this time after a stall. */
const BACK_WITHIN_S = 20;
/** This share counts as the full pace. */
const FULL = 0.95;

/** One row: the apps, and the load of the monitor. */
interface Row {
  readonly what: string;
  readonly targets: number;
  readonly more?: More;
  readonly isSilent?: boolean;
  readonly isStalled?: boolean;
  /** True where another program uses half of the monitor's core. */
  readonly isHalved?: boolean;
  readonly measureMs: number;
}

/** The result of a row. */
interface Seen {
  readonly measured: Measured;
  /** The requests to the servers in each measured second. */
  readonly perSecond: readonly number[];
  /** The index of the second in which the stall began. */
  readonly stalledAt: number;
}

function rowsFor(isQuick: boolean): readonly Row[] {
  const measureMs = isQuick ? 5_000 : 10_000;
  const memory: More = { maxTreeMemory: '64G' };
  const common = (targets: number): readonly Row[] => [
    { what: 'healthy', targets, measureMs },
    { what: '`maxTreeMemory`', targets, more: memory, measureMs },
    { what: 'all silent', targets, isSilent: true, measureMs },
  ];
  if (isQuick) return [...common(200), stalled(1_000, 40_000)];
  const sizes = [1_000, 3_000, 5_000];
  const minutes = sizes.map((targets) => stalled(targets, 60_000));
  const halved = canHalve() ? minutes.map((row) => ({ ...row, isHalved: true })) : [];
  return [...common(200), ...common(1_000), ...minutes, ...halved];
}

function stalled(targets: number, measureMs: number): Row {
  return { what: 'a stall of 2 s', targets, isStalled: true, measureMs };
}

/**
 * Two programs on one core have half of it each; this needs Linux's `taskset`, and a core for the servers.
 */
function canHalve(): boolean {
  try {
    execFileSync('taskset', ['--version'], { stdio: 'ignore' });
    return cpus().length > 1;
  } catch {
    return false;
  }
}

/** Shares the first core between the monitor and a busy program; returns the function that stops it. */
function halve(pid: number): () => void {
  execFileSync('taskset', ['-a', '-p', '-c', '0', String(pid)], { stdio: 'ignore' });
  const other = spawn('taskset', ['-c', '0', process.execPath, '-e', 'for (;;);'], {
    stdio: 'ignore',
  });
  return () => void other.kill('SIGKILL');
}

/** `appPid` serves as the process of each app: the one with a thousand ports is like no app. */
async function see(row: Row, servers: Servers, appPid: number, root: URL): Promise<Seen> {
  const asked: Asked[] = servers.ports
    .slice(0, row.targets)
    .map((port) => ({ http: `http://127.0.0.1:${port}/`, ...row.more }));
  const running = begin(
    {
      mode: 'monitor',
      asked,
      periodMs: 1_000,
      serverPid: appPid,
      isObserved: true,
      warmMs: WARM_MS,
      measureMs: row.measureMs,
    },
    root,
  );
  const give = row.isHalved === true ? halve(running.pid) : () => undefined;
  try {
    await running.ready;
    if (row.isSilent === true) servers.hang('all');
    await sleep(WARM_MS);
    const from = Math.ceil(Date.now() / 1_000);
    const half = row.measureMs / 2;
    await sleep(half);
    const stalledAt = Math.floor(Date.now() / 1_000) - from;
    if (row.isStalled === true) await stall(running.pid);
    const measured = await running.measured;
    const served = await servers.served();
    const seconds = Math.floor(row.measureMs / 1_000) - 1;
    const perSecond = Array.from({ length: seconds }, (_, second) => served[from + second] ?? 0);
    return { measured, perSecond, stalledAt };
  } finally {
    give();
  }
}

async function stall(pid: number): Promise<void> {
  process.kill(pid, 'SIGSTOP');
  await sleep(STALL_MS);
  process.kill(pid, 'SIGCONT');
}

/** Requests per second before the stall, and at the end. */
function pacesOf({ perSecond, stalledAt }: Seen): {
  readonly before: number;
  readonly after: number;
} {
  const before = median(perSecond.slice(Math.max(0, stalledAt - 10), stalledAt));
  return { before, after: median(perSecond.slice(-10)) };
}

/** Seconds from the end of the stall until three seconds in a row had the pace of before. */
function backAfter(seen: Seen): number {
  const { perSecond, stalledAt } = seen;
  const wanted = FULL * pacesOf(seen).before;
  const resumed = stalledAt + STALL_MS / 1_000;
  for (let second = resumed; second + 3 <= perSecond.length; second += 1) {
    if (mean(perSecond.slice(second, second + 3)) >= wanted) return second - resumed;
  }
  return Number.POSITIVE_INFINITY;
}

/** The share of due probes that were missed; a silent app is correctly probed less often. */
const missed = ({ targets }: Row, { perSecond }: Seen): number =>
  Math.max(0, 1 - mean(perSecond) / targets);

const cores = ({ cpuUs, elapsedMs }: Measured): number => cpuUs / 1_000 / elapsedMs;

/** CPU per request: a build that probes less is not cheaper. */
const perQuestion = ({ measured, perSecond }: Seen): number =>
  (cores(measured) * 1_000_000) / mean(perSecond);

function lineOf(build: string, row: Row, seen: Seen): string[] {
  const isStalled = row.isStalled === true;
  const { before, after } = pacesOf(seen);
  return [
    `${row.what}${row.isHalved === true ? ', half of a core' : ''}`,
    number(row.targets),
    build,
    number(cores(seen.measured) * 100),
    number(perQuestion(seen)),
    number(seen.measured.lagP99Ms),
    number(seen.measured.rssBytes / 1_048_576),
    row.isSilent === true ? '' : `${(missed(row, seen) * 100).toFixed(1)} %`,
    isStalled ? number(backAfter(seen)) : '',
    isStalled ? `${number(before)} → ${number(after)}` : '',
  ];
}

const HEAD = [
  'the apps',
  'targets',
  'build',
  'CPU, % of a core',
  'CPU of a question, µs',
  'delay p99, ms',
  'RSS, MB',
  'not asked in time',
  'full pace after, s',
  'asked a second, before and at the end',
] as const;

function goalsOf(row: Row, own: Seen, other: Seen | null, otherName: string): Goal[] {
  const what = `${row.what}, ${number(row.targets)} targets${row.isHalved === true ? ', half of a core' : ''}`;
  if (row.isStalled === true) {
    const { before, after } = pacesOf(own);
    return [
      { what: `${what}: full pace after, s`, figure: backAfter(own), limit: BACK_WITHIN_S },
      { what: `${what}: pace before ÷ at the end`, figure: before / after, limit: 1.05 },
    ];
  }
  if (other === null) return [];
  const figure = perQuestion(own) / perQuestion(other);
  return [{ what: `${what}: CPU of a question ÷ ${otherName}`, figure, limit: 1.03 }];
}

async function measureRows(isQuick: boolean, other: Checkout | null): Promise<Findings> {
  const lines: string[][] = [];
  const goals: Goal[] = [];
  const figures: unknown[] = [];
  for (const row of rowsFor(isQuick)) {
    const look = async (root: URL): Promise<Seen> => {
      const servers = await startServers(row.targets);
      const idle = await startServers(1);
      return see(row, servers, idle.pid, root).finally(() => {
        servers.stop();
        idle.stop();
      });
    };
    const own = await look(OWN_ROOT);
    const others = other && (await look(other.root));
    lines.push(lineOf('this', row, own));
    if (other && others) lines.push(lineOf(other.name, row, others));
    if (other && others) lines.push(ratioLine(row, own, others));
    goals.push(...goalsOf(row, own, others, other?.name ?? ''));
    figures.push({ row, own, other: others });
    console.log(
      lines
        .slice(other ? -3 : -1)
        .map((line) => line.join(' | '))
        .join('\n'),
    );
  }
  return { tables: [{ head: HEAD, rows: lines }], goals, figures };
}

function ratioLine(row: Row, own: Seen, other: Seen): string[] {
  const of = (figure: (seen: Seen) => number): string => ratio(figure(own) / figure(other));
  return [
    '',
    number(row.targets),
    'ratio',
    of(({ measured }) => cores(measured)),
    of(perQuestion),
    of(({ measured }) => measured.lagP99Ms),
    of(({ measured }) => measured.rssBytes),
    '',
    '',
    '',
  ];
}

export const stress: Part = {
  name: 'stress',
  run: (isQuick, other = null) => measureRows(isQuick, other),
};
