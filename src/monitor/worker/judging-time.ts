import type { Sample } from '../../probe/probe.ts';
import { judgingText, type SelfCheck } from '../self-check.ts';

/** Judging any answer may take less than this. */
const NOTABLE_MS = 50;

/** After this, no answer was heard in time, see SelfCheck. */
const TOO_LONG_MS = 1_000;

/** The share of the event loop that one target may have for the judging of its answers. */
const SHARE = 0.05;

/** How long judging the answers of one target kept the event loop, and what that costs this target alone. */
export class JudgingTime {
  readonly #name: () => string;
  readonly #selfCheck: Pick<SelfCheck, 'blame'>;
  #longestMs = 0;
  #unpaidMs = 0;

  constructor(name: () => string, selfCheck: Pick<SelfCheck, 'blame'>) {
    this.#name = name;
    this.#selfCheck = selfCheck;
  }

  /** Something of this target was judged for `ms`, and nothing else was done meanwhile. */
  note(ms: number): void {
    if (ms < NOTABLE_MS) return;
    this.#longestMs = Math.max(this.#longestMs, ms);
    this.#unpaidMs += ms;
    this.#selfCheck.blame(this.#name(), ms);
  }

  /** The sample, or what replaces one that took too long to judge. */
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

  /** How long after the start of a round the next may begin, for what was used since the last call. */
  takeRestMs(): number {
    const restMs = this.#unpaidMs / SHARE;
    this.#unpaidMs = 0;
    return restMs;
  }
}
