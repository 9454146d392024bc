import type { MainThread, ProcessState } from '../os-reader.ts';

/**
 * The kernel shows times in USER_HZ, which is 100 on every architecture that Node runs on, for any HZ of the
 * kernel itself. Node has no sysconf to read it.
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

/** The fields that we read from /proc/PID/stat. */
export interface StatFacts {
  /** The first 15 bytes of the program's name, or the name it gave itself. */
  readonly name: string;
  readonly state: ProcessState;
  readonly ppid: number;
  readonly session: number;
  readonly cpuMs: number;
  /** Clock ticks from the machine's boot to the start of the process. */
  readonly startTicks: number;
}

/**
 * The fields that we read from /proc/PID/status; null where missing (kernel threads and zombies have no
 * memory).
 */
interface StatusFacts {
  readonly uid: number | null;
  readonly tracerPid: number | null;
  readonly rssBytes: number | null;
}

/** Reads /proc/PID/stat; null for another shape. */
export function parseStat(text: string): StatFacts | null {
  // The name is in parentheses and may have any characters, also parentheses and newlines. The last
  // parenthesis ends it, because only numbers follow.
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

/** The process group in /proc/PID/stat; null for another shape. */
export function parseGroup(text: string): number | null {
  const group = Number(text.slice(text.lastIndexOf(')') + 2).split(' ', 3)[2] ?? Number.NaN);
  return isCount(group) ? group : null;
}

/**
 * A process is shown as a zombie as soon as its first thread has ended, while its other threads may still run
 * and hold its port. It is dead only when that thread is the last.
 */
function stateOf(letter: string, threads: number): ProcessState {
  const state = STATES[letter] ?? 'unknown';
  return state === 'zombie' && threads > 1 ? 'unknown' : state;
}

/** Reads /proc/PID/status. The name in it is escaped, so it cannot forge a line. */
export function parseStatus(text: string): StatusFacts {
  const rssKib = numberAt(text, /^VmRSS:\s*(\d+) kB$/m);
  return {
    uid: numberAt(text, /^Uid:\s*(\d+)/m),
    tracerPid: numberAt(text, /^TracerPid:\s*(\d+)$/m),
    rssBytes: rssKib === null ? null : rssKib * 1024,
  };
}

/** How often the first thread has gone to sleep, from /proc/PID/status. */
export function parseSleeps(text: string): number | null {
  return numberAt(text, /^voluntary_ctxt_switches:\s*(\d+)$/m);
}

/** How often a thread has left its processor, for any reason, from /proc/PID/task/TID/status. */
export function parseSwitches(text: string): number | null {
  const voluntary = parseSleeps(text);
  const forced = numberAt(text, /^nonvoluntary_ctxt_switches:\s*(\d+)$/m);
  return voluntary === null || forced === null ? null : voluntary + forced;
}

/**
 * True where the kernel function in which a thread sleeps (/proc/PID/wchan) is that of a lock between
 * threads. Its name differs between kernels (`futex_wait_queue_me`, `futex_wait_queue`, `futex_do_wait`).
 * Null: the thread runs, or the kernel hides it.
 */
export function waitsForThread(wchan: string): boolean | null {
  const name = wchan.trim();
  return name === '' || name === '0' ? null : name.includes('futex');
}

/** The function of the kernel in which a thread sleeps; null where it runs, and where the kernel hides it. */
export function parseChannel(wchan: string): string | null {
  return /^[A-Za-z_][\w.]{0,63}$/.exec(wchan.trim())?.[0] ?? null;
}

/** How a thread sleeps, by its status and where it sleeps; `wchan` is null for one that is awake. */
export function mainThreadOf(status: string, wchan: string | null): MainThread {
  return {
    waitsForThread: wchan === null ? false : waitsForThread(wchan),
    sleeps: parseSleeps(status),
    channel: wchan === null ? null : parseChannel(wchan),
  };
}

/** Reads the boot time from /proc/stat, in wall milliseconds. */
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
