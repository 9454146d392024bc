import type { Sample } from '../../probe/probe.ts';
import type { Event } from '../../verdict/event.ts';
import type { SelfCheck } from '../self-check.ts';

/** WorkerEvent of the checker's fitness, for the verdict. */
type FitnessEvent = Extract<Event, { type: 'fitness' }>;

const NO_NEWS: readonly FitnessEvent[] = [];

/** What one worker has heard of the checker's fitness: it looks in its own turn, and is not told. */
export class FitnessWatch {
  readonly #selfCheck: SelfCheck;
  /** The number of the last spell of unfitness whose end is known. */
  #heard: number;
  #isUnfit = false;

  constructor(selfCheck: SelfCheck) {
    this.#selfCheck = selfCheck;
    this.#heard = selfCheck.spells.count;
  }

  /** What is new since the last look, in order; a spell that came and went in between is two news. */
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
   * Whether an answer came to ears that listened while it was asked for. That judging it took us too long
   * is for the verdict, whatever else was not heard meanwhile.
   */
  isSound(sample: Sample): boolean {
    const isJudging = sample.kind === 'unknown' && sample.cause === 'judging';
    return isJudging || sample.at >= this.#selfCheck.soundSince;
  }
}
