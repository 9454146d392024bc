import type { Clock } from '../time/clock.ts';
import type { Decision } from '../verdict/decision.ts';
import type { Worker } from './worker/worker.ts';

/**
 * Fewer apps than this are no mass failure (DESIGN §4). More probes would be a burst, and these are
 * enough to see one.
 */
const FEWEST = 3;
const MOST = 50;

/** One app that flaps must not cause probes of the others all the time. */
const SPACING_MS = 10_000;

/**
 * When one app begins to fail, some of the others are probed at once. Otherwise a fault of the machine
 * would cost the first app a restart before the next probes show that the others fail too.
 */
export class EarlyChecks {
  readonly #clock: Clock;
  #nextAt = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Probes other apps where the decision shows that one begins to fail. */
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
