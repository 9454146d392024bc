import type { Sample } from '../../probe/probe.ts';
import { judgingText, type SelfCheck } from '../self-check.ts';

/** Judging times below this do not count. */
const NOTABLE_MS = 50;

/** With a longer judging time no answer was received in time, see SelfCheck. */
const TOO_LONG_MS = 1_000;

/** The share of the event loop's time that judging the answers of one target may take. */
const SHARE = 0.05;

/**
 * Measures how long judging the answers of one target blocks the event loop, and slows down the probes of
 * this target alone.
 */
export class JudgingTime {
  readonly #name: () => string;
  readonly #selfCheck: Pick<SelfCheck, 'blame'>;
  #longestMs = 0;
  #unpaidMs = 0;

  constructor(name: () => string, selfCheck: Pick<SelfCheck, 'blame'>) {
    this.#name = name;
    this.#selfCheck = selfCheck;
  }

  /** Notes that judging for this target blocked the event loop for `ms`. */
  note(ms: number): void {
    if (ms < NOTABLE_MS) return;
    this.#longestMs = Math.max(this.#longestMs, ms);
    this.#unpaidMs += ms;
    this.#selfCheck.blame(this.#name(), ms);
  }

  /** The sample, or an unknown one where it took too long to judge: it says nothing about the app. */
  counted(sample: Sample): Sample {
    const longestMs = this.#longestMs;
    this.#longestMs = 0;
    if (longestMs <= TOO_LONG_MS) return sample;
    const detail = `${judgingText(this.#name(), longestMs)}: it held up the monitor`;
    return {
      kind: 'unknown',
      cause: 'judging',
      detail,
      at: sample.at,
      durationMs: sample.durationMs,
    };
  }

  /**
   * The least time from the start of a round to the start of the next, by the judging time since the last
   * call.
   */
  takeRestMs(): number {
    const restMs = this.#unpaidMs / SHARE;
    this.#unpaidMs = 0;
    return restMs;
  }
}
