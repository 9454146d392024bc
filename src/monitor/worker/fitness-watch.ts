import type { Sample } from '../../probe/probe.ts';
import type { Event } from '../../verdict/event.ts';
import type { SelfCheck } from '../self-check.ts';

/** The event of a change in the monitor's fitness. */
type FitnessEvent = Extract<Event, { type: 'fitness' }>;

const NO_NEWS: readonly FitnessEvent[] = [];

/** What one worker knows about the monitor's fitness. The worker looks in its own turn; nothing calls it. */
export class FitnessWatch {
  readonly #selfCheck: SelfCheck;
  /** The number of the last spell of unfitness whose end is known. */
  #heard: number;
  #isUnfit = false;

  constructor(selfCheck: SelfCheck) {
    this.#selfCheck = selfCheck;
    this.#heard = selfCheck.spells.count;
  }

  /**
   * What changed since the last look, in order. A spell of unfitness that came and went in between is two
   * changes.
   */
  look(at: number): readonly FitnessEvent[] {
    const unfit = this.#selfCheck.check();
    if (unfit !== null) {
      this.#isUnfit = true;
      return [{ type: 'fitness', at, unfit }];
    }
    const { count, text } = this.#selfCheck.spells;
    if (count === this.#heard && !this.#isUnfit) return NO_NEWS;
    const isUnseen = !this.#isUnfit;
    this.#heard = count;
    this.#isUnfit = false;
    const end: FitnessEvent = { type: 'fitness', at, unfit: null };
    return isUnseen ? [{ type: 'fitness', at, unfit: text }, end] : [end];
  }

  /**
   * True where the event loop was free all the time while the probe waited. A sample whose judging took
   * too long always goes to the verdict.
   */
  isSound(sample: Sample): boolean {
    const isJudging = sample.kind === 'unknown' && sample.cause === 'judging';
    return isJudging || sample.at >= this.#selfCheck.soundSince;
  }
}
