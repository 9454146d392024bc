import type { ProcessState } from '../os-reader.ts';

/**
 * The kernel counts in USER_HZ for its readers, which is 100 on every architecture that Node runs
 * on, whatever the kernel's own HZ is; Node has no sysconf to ask.
 */
const MS_PER_TICK = 10;

const STATES: Readonly<Record<string, ProcessState>> = {
  R: 'running',
  S: 'sleeping',
  I: 'sleeping',
  D: 'disk',
  T: 'stopped',
  t: 'traced',
  Z: 'zombie',
  X: 'zombie',
  x: 'zombie',
};

/** What one line of /proc/PID/stat holds for us. */
export interface StatFacts {
  /** The first 15 bytes of the program's name, or what it calls itself. */
  readonly name: string;
  readonly state: ProcessState;
  readonly ppid: number;
  readonly session: number;
  readonly cpuMs: number;
  /** Clock ticks from the machine's boot to the start of the process. */
  readonly startTicks: number;
}

/** What /proc/PID/status holds for us; null is not there (kernel threads and zombies have no memory). */
interface StatusFacts {
  readonly uid: number | null;
  readonly tracerPid: number | null;
  readonly rssBytes: number | null;
}

/** Reads /proc/PID/stat; null when it is not of that shape. */
export function parseStat(text: string): StatFacts | null {
  // The name stands in parentheses and may hold anything, parentheses and newlines too: only the
  // last one ends it, for all that follows are numbers.
  const open = text.indexOf('(');
  const close = text.lastIndexOf(')');
  if (open < 0 || close < open) return null;
  const fields = text.slice(close + 2).split(' ');
  const [ppid, session, userTicks, systemTicks, threads, startTicks] = [1, 3, 11, 12, 17, 19].map(
    (at) => Number(fields[at] ?? Number.NaN),
  );
  if (
    !isCount(ppid) ||
    !isCount(session) ||
    !isCount(userTicks) ||
    !isCount(systemTicks) ||
    !isCount(startTicks)
  ) {
    return null;
  }
  return {
    name: text.slice(open + 1, close),
    state: stateOf(fields[0] ?? '', threads ?? 0),
    ppid,
    session,
    cpuMs: (userTicks + systemTicks) * MS_PER_TICK,
    startTicks,
  };
}

/** The process group out of /proc/PID/stat; null when it is not of that shape. */
export function parseGroup(text: string): number | null {
  const group = Number(text.slice(text.lastIndexOf(')') + 2).split(' ', 3)[2] ?? Number.NaN);
  return isCount(group) ? group : null;
}

/**
 * A process shows as a zombie as soon as its first thread has ended, while others of it may run on
 * (or are still ending) and hold its port: it is dead only when that thread is the last.
 */
function stateOf(letter: string, threads: number): ProcessState {
  const state = STATES[letter] ?? 'unknown';
  return state === 'zombie' && threads > 1 ? 'unknown' : state;
}

/** Reads /proc/PID/status, in which the name is escaped and so cannot forge a line. */
export function parseStatus(text: string): StatusFacts {
  const rssKib = numberAt(text, /^VmRSS:\s*(\d+) kB$/m);
  return {
    uid: numberAt(text, /^Uid:\s*(\d+)/m),
    tracerPid: numberAt(text, /^TracerPid:\s*(\d+)$/m),
    rssBytes: rssKib === null ? null : rssKib * 1024,
  };
}

/** How often the first thread has gone to sleep, out of /proc/PID/status. */
export function parseSleeps(text: string): number | null {
  return numberAt(text, /^voluntary_ctxt_switches:\s*(\d+)$/m);
}

/**
 * Whether the kernel's function in which a thread sleeps (/proc/PID/wchan) is that of a lock between
 * threads. Its name changes between kernels (`futex_wait_queue_me`, `futex_wait_queue`,
 * `futex_do_wait`). Null: it runs, or the kernel does not tell us.
 */
export function waitsForThread(wchan: string): boolean | null {
  const name = wchan.trim();
  return name === '' || name === '0' ? null : name.includes('futex');
}

/** Reads the time of the boot out of /proc/stat, in wall milliseconds. */
export function parseBootTime(text: string): number | null {
  const seconds = numberAt(text, /^btime (\d+)$/m);
  return seconds === null ? null : seconds * 1_000;
}

/** The wall time of a start, from the boot time of the same look. */
export function startedAt(bootMs: number, { startTicks }: StatFacts): number {
  return bootMs + startTicks * MS_PER_TICK;
}

function numberAt(text: string, pattern: RegExp): number | null {
  const digits = pattern.exec(text)?.[1];
  return digits === undefined ? null : Number(digits);
}

function isCount(value: number | undefined): value is number {
  return value !== undefined && Number.isSafeInteger(value) && value >= 0;
}
