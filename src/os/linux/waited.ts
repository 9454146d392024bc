import type { LinuxProc } from './proc.ts';

/** At most this many threads are read in one look; each costs 10 µs. */
const MOST_THREADS = 512;

/** After this many threads the event loop gets a turn. */
const THREADS_A_TURN = 64;

/**
 * How long the threads of each process have waited for a processor, in milliseconds (the second number of
 * /proc/PID/task/TID/schedstat, in nanoseconds). A process whose threads cannot be read, or are too many, is
 * not in it.
 */
export async function waitedOf(
  proc: LinuxProc,
  pids: readonly number[],
): Promise<ReadonlyMap<number, number>> {
  const waited = new Map<number, number>();
  let read = 0;
  for (const pid of pids) {
    const threads = proc.names(`${pid}/task`) ?? [];
    if (read + threads.length > MOST_THREADS) continue;
    for (const thread of threads) {
      read += 1;
      if (read % THREADS_A_TURN === 0) await new Promise((resolve) => setImmediate(resolve));
      const ms = waitedIn(proc.text(`${pid}/task/${thread}/schedstat`) ?? '');
      if (ms !== null) waited.set(pid, (waited.get(pid) ?? 0) + ms);
    }
  }
  return waited;
}

/** The milliseconds in such a file; null for another shape, as where the kernel does not count them. */
export function waitedIn(text: string): number | null {
  const nanoseconds = /^\d+ (\d+) \d+$/m.exec(text)?.[1];
  return nanoseconds === undefined ? null : Number(nanoseconds) / 1e6;
}
