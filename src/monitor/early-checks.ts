import type { Clock } from '../time/clock.ts';
import type { Decision } from '../verdict/decision.ts';
import type { Worker } from './worker/worker.ts';

/** Fewer apps cannot fail together (DESIGN §4); more would be a burst, and these are enough to see it. */
const FEWEST = 3;
const MOST = 50;

/** One app that flaps must not have the others probed all the time. */
const SPACING_MS = 10_000;

/**
 * When one app begins to fail, the others are probed at once. Otherwise the first of many that a fault of the
 * machine hits would be restarted before the others, still between two questions, are seen to fail.
 */
export class EarlyChecks {
  readonly #clock: Clock;
  #nextAt = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Asks all workers where the decision shows that one begins to fail. */
  onDecision(decision: Decision, workers: () => readonly Worker[]): void {
    const isFirstSign = decision.type === 'transition' && decision.to === 'failing';
    if (!isFirstSign || decision.from !== 'healthy') return;
    const now = this.#clock.now();
    if (now < this.#nextAt) return;
    this.#nextAt = now + SPACING_MS;
    const all = workers();
    if (all.length < FEWEST) return;
    for (const worker of all.slice(0, MOST)) worker.askSoon();
  }
}
