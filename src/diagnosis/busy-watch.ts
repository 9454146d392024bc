import { hasNotTurned, type BusyProcess } from '../os/busy-process.ts';
import type { BusyThread } from '../os/os-reader.ts';

/** A loop that is that long without a turn is proven; one that only works hard turns in between. */
export const BUSY_MS = 2_000;

/** One look; `at` is monotonic milliseconds. */
interface Look extends BusyProcess, Pick<BusyThread, 'cpuMs'> {
  readonly at: number;
}

/**
 * Follows the main thread of one process while its app is silent, from look to look. A turn of the event loop
 * accepts all connections that wait, and sleeps where there is nothing to do: where more and more wait, and the
 * thread has used its processor without ever going to sleep, there was none. Pure: it has no clock.
 */
export class BusyWatch {
  #first: Look | null = null;
  #last: Look | null = null;

  /** Takes over a look at `pid`, which listens on `port`, at `at` (monotonic milliseconds). */
  note(pid: number, port: number, thread: BusyThread | null, at: number): void {
    if (thread === null) {
      this.#first = this.#last = null;
      return;
    }
    const look = { ...thread, pid, port, at };
    if (this.#first === null || this.#last === null || !goesOn(this.#last, look))
      this.#first = look;
    this.#last = look;
  }

  /** The process, where the looks prove that its event loop has not turned since the first of them; else null. */
  get proven(): BusyProcess | null {
    const [first, last] = [this.#first, this.#last];
    if (first === null || last === null || last.at - first.at < BUSY_MS) return null;
    const hasWorked = last.cpuMs > first.cpuMs;
    const isWaitedFor = first.waiting > 0 && last.waiting > first.waiting;
    if (!hasWorked || !isWaitedFor) return null;
    const { pid, birth, sleeps, waiting, port } = last;
    return { pid, birth, sleeps, waiting, port };
  }
}

/** True where the loop of the same process has not turned between two looks. */
function goesOn(before: Look, now: Look): boolean {
  return before.pid === now.pid && before.port === now.port && hasNotTurned(before, now);
}
