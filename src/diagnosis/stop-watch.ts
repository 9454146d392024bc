import type { ProcessIdentity, StoppedProcess } from '../os/os-reader.ts';

/** A process that was stopped for a shorter time may go on at any moment: nothing is concluded from it. */
export const STOPPED_MS = 1_000;

/** The time between two looks at a process that is stopped. */
export const STOP_LOOK_MS = 250;

/** A longer time between two looks counts as this one: the monitor itself may have stood still with the app. */
const MOST_CREDIT_MS = 500;

/** A stop that was seen, at the newest look. */
interface SeenStop extends ProcessIdentity {
  readonly switches: number;
  /** Monotonic milliseconds. */
  readonly at: number;
  /** For how long it is known that the process did not run. */
  readonly forMs: number;
}

/** Follows one process that a signal has stopped, from look to look. Pure: it has no clock. */
export class StopWatch {
  #stop: SeenStop | null = null;

  /**
   * Takes over a look at `pid`, at `at` (monotonic milliseconds). A thread that ran in between, however shortly,
   * has left its processor again: then the stop is another one.
   */
  note(pid: number, look: StoppedProcess | null, at: number): void {
    const before = this.#stop;
    if (look === null) {
      this.#stop = null;
      return;
    }
    const { birth, switches } = look;
    const isSame =
      before !== null &&
      before.pid === pid &&
      before.birth === birth &&
      before.switches === switches;
    const forMs = isSame ? before.forMs + Math.min(at - before.at, MOST_CREDIT_MS) : 0;
    this.#stop = { pid, birth, switches, at, forMs };
  }

  /** The process, where it has been stopped long enough to conclude that it does not go on by itself; else null. */
  get proven(): ProcessIdentity | null {
    const stop = this.#stop;
    if (stop === null || stop.forMs < STOPPED_MS) return null;
    return { pid: stop.pid, birth: stop.birth };
  }
}
