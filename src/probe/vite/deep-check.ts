import { messageOf } from '../../errors.ts';
import type { Outcome, ProbeContext } from '../probe.ts';

/** A slow question, asked in the background. */
type DeepQuestion = (context: ProbeContext) => Promise<Outcome>;

/** How often it runs, and how long it may take. */
interface DeepPace {
  readonly periodMs: number;
  readonly timeoutMs: number;
}

/**
 * Runs a slow question beside the quick one, never two at once. Each result is given out at most once, so
 * that one bad result is never counted twice.
 */
export class DeepCheck {
  readonly #ask: DeepQuestion;
  readonly #pace: DeepPace;
  /** The last result that was not `unknown`. */
  #mood: 'good' | 'bad' = 'good';
  #dueAt = Number.NEGATIVE_INFINITY;
  #current: { readonly settled: Promise<void>; readonly drop: () => void } | undefined;
  #result: Outcome | undefined;

  constructor(ask: DeepQuestion, pace: DeepPace) {
    this.#ask = ask;
    this.#pace = pace;
  }

  /**
   * True where the last result that was not `unknown` was a failure: then the quick question is not enough.
   */
  get isBad(): boolean {
    return this.#mood === 'bad';
  }

  /** The target was found broken before this check began to look at it: only a good result ends that. */
  expectBad(): void {
    this.#mood = 'bad';
  }

  /** Starts a check if one is due and none runs. */
  startIfDue(now: () => number): void {
    if (this.#current === undefined && now() >= this.#dueAt) this.#start(now);
  }

  /** Starts a check unless one runs, also where none is due; resolves when it settles or is dropped. */
  startNow(now: () => number): Promise<void> {
    return (this.#current ?? this.#start(now)).settled;
  }

  /** The new result, given out once; undefined where there is none. */
  takeResult(): Outcome | undefined {
    const result = this.#result;
    this.#result = undefined;
    return result;
  }

  /** Stops a running check and forgets its result, because the target has changed. Idempotent. */
  reset(): void {
    this.#current?.drop();
    this.#current = undefined;
    this.#result = undefined;
    this.#dueAt = Number.NEGATIVE_INFINITY;
  }

  #start(now: () => number): { readonly settled: Promise<void>; readonly drop: () => void } {
    const controller = new AbortController();
    const { timeoutMs } = this.#pace;
    this.#dueAt = now() + this.#pace.periodMs;
    const deadline = setTimeout(() => controller.abort(), timeoutMs);
    let isDropped = false;
    const run = async (): Promise<void> => {
      const outcome = await outcomeOf(this.#ask({ signal: controller.signal, timeoutMs, now }));
      clearTimeout(deadline);
      if (!isDropped) this.#keep(outcome);
    };
    const settled = run();
    const drop = (): void => {
      isDropped = true;
      clearTimeout(deadline);
      controller.abort();
    };
    this.#current = { settled, drop };
    return this.#current;
  }

  /** Keeps a result that is news: after good results only a failure, after a failure any result. */
  #keep(outcome: Outcome): void {
    this.#current = undefined;
    if (this.#mood === 'bad' || outcome.kind === 'fail') this.#result = outcome;
    if (outcome.kind === 'ok') this.#mood = 'good';
    if (outcome.kind === 'fail') this.#mood = 'bad';
  }
}

/** The outcome. A check that throws is a broken probe, which says nothing about the target. */
function outcomeOf(running: Promise<Outcome>): Promise<Outcome> {
  return running.catch((thrown: unknown) => ({
    kind: 'unknown',
    cause: 'broken-probe',
    detail: `deep check: ${messageOf(thrown)}`,
  }));
}
