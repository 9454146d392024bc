import type { StoppedProcess } from '../os-reader.ts';
import type { LinuxProc } from './proc.ts';
import { parseStat, parseStatus, parseSwitches } from './stat.ts';

/** At most this many threads are read; each costs 10 µs. With more it is not known whether all are stopped. */
const MOST_THREADS = 128;

/**
 * A process whose threads all show the state T, without a tracer. A frozen cgroup shows its processes in other
 * states, and a debugger shows `t` or itself. Null for any other, and where a thread cannot be read.
 */
export function stoppedOf(proc: LinuxProc, pid: number): StoppedProcess | null {
  // Of any other process this one file is enough.
  const first = parseStat(proc.text(`${pid}/stat`) ?? '');
  if (first === null || first.state !== 'stopped') return null;
  const threads = proc.names(`${pid}/task`);
  if (threads === null || threads.length === 0 || threads.length > MOST_THREADS) return null;
  let switches = 0;
  for (const thread of threads) {
    const path = `${pid}/task/${thread}`;
    const stat = parseStat(proc.text(`${path}/stat`) ?? '');
    const status = proc.text(`${path}/status`) ?? '';
    const count = parseSwitches(status);
    if (stat?.state !== 'stopped' || parseStatus(status).tracerPid !== 0 || count === null) {
      return null;
    }
    switches += count;
  }
  return { birth: String(first.startTicks), switches };
}
