import { messageOf } from '../../errors.ts';
import { LightAbortController, type LightAbortSignal } from '../../time/light-abort.ts';
import type { Outcome, ProbeContext } from '../probe.ts';

/** The share of its time that a run does not wait for the deep check, so that it ends before its deadline. */
const SPARE_SHARE = 0.1;
const MAX_SPARE_MS = 250;

/**
 * A slow question, asked in the background. `dropped` aborts only where nobody wants the answer any more: what
 * it takes to explain an answer that came in time is not limited by the deadline in `context`.
 */
type DeepQuestion = (context: ProbeContext, dropped: LightAbortSignal) => Promise<Outcome>;

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

  /**
   * The result of the check that runs, or of a new one, also where none is due. Undefined where it is not
   * there yet when a run that began at `startedAt` has to end.
   */
  async resultWithin(startedAt: number, context: ProbeContext): Promise<Outcome | undefined> {
    const settled = this.startNow(context.now);
    await settledWithin(settled, timeLeft(startedAt, context), context.signal);
    return this.takeResult();
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
    const dropped = new LightAbortController();
    const { timeoutMs } = this.#pace;
    this.#dueAt = now() + this.#pace.periodMs;
    const deadline = setTimeout(() => controller.abort(), timeoutMs);
    let isDropped = false;
    const run = async (): Promise<void> => {
      const outcome = await outcomeOf(
        this.#ask({ signal: controller.signal, timeoutMs, now }, dropped),
      );
      clearTimeout(deadline);
      if (!isDropped) this.#keep(outcome);
    };
    const settled = run();
    const drop = (): void => {
      isDropped = true;
      clearTimeout(deadline);
      controller.abort();
      dropped.abort();
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

/** The rest of a run's time, in milliseconds. */
function timeLeft(startedAt: number, { now, timeoutMs }: ProbeContext): number {
  const spareMs = Math.min(MAX_SPARE_MS, timeoutMs * SPARE_SHARE);
  return timeoutMs - (now() - startedAt) - spareMs;
}

/** Waits for `settled`, at most `ms` or until the abort. Removes its timer and listener. */
function settledWithin(
  settled: Promise<void>,
  ms: number,
  signal: LightAbortSignal,
): Promise<void> {
  return new Promise((resolve) => {
    const finish = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', finish);
      resolve();
    };
    const timer = setTimeout(finish, Math.max(0, ms));
    signal.addEventListener('abort', finish, { once: true });
    void settled.then(finish);
    if (signal.aborted) finish();
  });
}
