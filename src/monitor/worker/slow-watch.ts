import type { Sample } from '../../probe/probe.ts';
import type { SlowAnswers } from '../../report/view.ts';
import { median } from '../median.ts';

/** The median is taken over this time, and over at least this many answers. */
const WINDOW_MS = 60_000;
const FEWEST = 5;

/** Nothing is said before the answers reach back this far. */
const LEAST_SPAN_MS = 45_000;

/** One answer counts in this time, however often the app is asked; so the window stays small. */
const SPACING_MS = 500;

/** It is over when the median has fallen to this share of the limit. */
const OVER = 0.8;

/** One good answer. */
interface Answer {
  readonly at: number;
  readonly ms: number;
}

/** Knows whether the answers of one target are slow (DESIGN §11). */
export class SlowWatch {
  #answers: Answer[] = [];
  #bornAt = Number.NaN;
  #slow: SlowAnswers | null = null;

  /** The slow answers of the last minute; null while they are not slow. */
  get slow(): SlowAnswers | null {
    return this.#slow;
  }

  /**
   * Counts a sample of the process that began at `bornAt`. True where the answers became slow with it, or
   * are slow no longer. Without a limit nothing is counted.
   */
  note(sample: Sample, limitMs: number | undefined, bornAt: number): boolean {
    const wasSlow = this.#slow !== null;
    if (limitMs === undefined || bornAt !== this.#bornAt) {
      this.#bornAt = limitMs === undefined ? Number.NaN : bornAt;
      this.#answers = [];
      this.#slow = null;
    }
    if (limitMs !== undefined && sample.kind === 'ok') this.#count(sample, limitMs);
    return wasSlow !== (this.#slow !== null);
  }

  #count({ at, durationMs: ms }: Sample, limitMs: number): void {
    const last = this.#answers.at(-1);
    if (last !== undefined && at < last.at + SPACING_MS) return;
    const recent = this.#answers.filter((each) => each.at > at - WINDOW_MS);
    const kept = recent.length < FEWEST ? this.#answers.slice(1 - FEWEST) : recent;
    this.#answers = [...kept, { at, ms }];
    const first = this.#answers[0]?.at ?? at;
    if (this.#answers.length < FEWEST || at - first < LEAST_SPAN_MS) return;
    const medianMs = median(this.#answers.map((each) => each.ms));
    const most = this.#slow === null ? limitMs : limitMs * OVER;
    this.#slow = medianMs > most ? { medianMs, limitMs, answers: this.#answers.length } : null;
  }
}
