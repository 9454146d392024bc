import type { Sample } from '../../probe/probe.ts';
import type { Clock } from '../../time/clock.ts';
import { LightAbortController } from '../../time/light-abort.ts';

/** One run of a probe that has begun. */
export interface Run {
  readonly sample: Promise<Sample>;
  /** Stops it; its sample is then `unknown`. Idempotent. */
  readonly abort: () => void;
}

/** At most this many are in flight, however high the threshold is. */
const MOST_IN_FLIGHT = 4;

/**
 * The probes that confirm a timeout: each begins some time after the one before, also while that has no answer, and
 * gives its sample in its turn. The first that is answered counts at once, and the others are abandoned (DESIGN §12).
 */
export class OverlappingRuns {
  readonly #clock: Clock;
  #inFlight: readonly Run[] = [];
  #beganAt = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get isEmpty(): boolean {
    return this.#inFlight.length === 0;
  }

  /**
   * The next sample. Where there is no answer, `start` begins up to `more` further runs, `everyMs` apart, whose
   * samples the next calls give. Never rejects as long as the runs do not.
   */
  async next(start: () => Run, more: number, everyMs: number): Promise<Sample> {
    if (this.isEmpty) this.#begin(start);
    const over = new LightAbortController();
    const most = Math.min(1 + more, MOST_IN_FLIGHT);
    for (;;) {
      const current = this.#inFlight[0];
      const answers = this.#inFlight.map((run) => answerOf(run, run === current));
      const isFull = this.#inFlight.length >= most;
      const waitMs = this.#beganAt + everyMs - this.#clock.now();
      const wait = isFull ? [] : [this.#clock.sleep(Math.max(0, waitMs), over).then(() => null)];
      const sample = await Promise.race([...answers, ...wait]);
      if (sample === null) {
        // Abandoned meanwhile: its own sample comes next.
        if (this.isEmpty && current !== undefined) return current.sample;
        this.#begin(start);
        continue;
      }
      over.abort();
      if (isTimeout(sample)) this.#inFlight = this.#inFlight.slice(1);
      else this.abandon();
      return sample;
    }
  }

  /** Stops all runs in flight. Idempotent. */
  abandon(): void {
    if (this.isEmpty) return;
    const runs = this.#inFlight;
    this.#inFlight = [];
    for (const run of runs) run.abort();
  }

  #begin(start: () => Run): void {
    this.#beganAt = this.#clock.now();
    this.#inFlight = [...this.#inFlight, start()];
  }
}

/** The sample of a run; of one that is not the oldest only an answer, because a timeout waits for its turn. */
async function answerOf({ sample }: Run, isOldest: boolean): Promise<Sample> {
  const first = await sample;
  return isOldest || !isTimeout(first) ? first : new Promise(() => undefined);
}

function isTimeout(sample: Sample): boolean {
  return sample.kind === 'fail' && sample.class === 'timeout';
}
