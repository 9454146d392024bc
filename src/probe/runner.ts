import { messageOf } from '../errors.ts';
import { LightAbortController, type LightAbortSignal } from '../time/light-abort.ts';
import { singleLine } from '../text/single-line.ts';
import type { Outcome, Probe, ProbeContext, Sample } from './probe.ts';

/** The clock and deadline of one run of a probe, and the signal that stops it. */
interface RunOptions {
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /** The deadline for the whole run. */
  readonly timeoutMs: number;
  /** Stops the run; the sample is then `unknown`. */
  readonly signal?: LightAbortSignal;
  readonly mask?: Mask;
}

/** A run that has no outcome yet though it is late. */
export interface Silence {
  /** Aborts when the run is over. */
  readonly signal: LightAbortSignal;
  /** Ends the run with this outcome, if it is not over. */
  readonly settle: (outcome: Outcome) => void;
}

/** An answer that takes longer than this, or than a quarter of its timeout, is late. */
const LATE_MS = 500;

/** Hides secrets in a detail. */
type Mask = (detail: string) => string;

/** Runs a probe once, see `ProbeRunner`. Never rejects. */
export async function runProbe(probe: Probe, options: RunOptions): Promise<Sample> {
  const { now, timeoutMs, signal, mask } = options;
  if (signal?.aborted === true) return { ...ABORTED, at: now(), durationMs: 0 };
  const runner = new ProbeRunner(probe, now, mask);
  const onAbort = (): void => runner.abort();
  signal?.addEventListener('abort', onAbort, { once: true });
  const sample = await runner.run(timeoutMs);
  signal?.removeEventListener('abort', onAbort);
  return sample;
}

/**
 * Runs a probe again and again, one run at a time. Each run gives a sample, shortly after the deadline at the
 * latest, also where the probe ignores its signal, throws or returns nonsense. At the deadline the probe's
 * own failure counts, because it says what the probe waited for.
 */
export class ProbeRunner {
  readonly #probe: Probe;
  readonly #now: () => number;
  readonly #mask: Mask | undefined;
  readonly #noteJudging: ((ms: number) => void) | undefined;
  readonly #onSilence: ((silence: Silence) => void) | undefined;
  #abortRun = nothingToAbort;
  #lastDetail = '';
  #lastLine = '';

  /** `onSilence` is called once in a run whose answer is late. */
  constructor(
    probe: Probe,
    now: () => number,
    mask?: Mask,
    noteJudging?: (ms: number) => void,
    onSilence?: (silence: Silence) => void,
  ) {
    this.#probe = probe;
    this.#now = now;
    this.#mask = mask;
    this.#noteJudging = noteJudging;
    this.#onSilence = onSilence;
  }

  /** Asks once more; `needsDeep`: see `ProbeContext`. Never rejects. */
  async run(timeoutMs: number, needsDeep = false): Promise<Sample> {
    const at = this.#now();
    const signal = new LightAbortController();
    const context: ProbeContext = {
      signal,
      timeoutMs,
      now: this.#now,
      needsDeep,
      noteJudging: this.#noteJudging,
      from: undefined,
    };
    const outcome = await this.#outcomeWithin(context, signal);
    const detail = this.#sanitizeLine(outcome);
    const durationMs = this.#now() - at;
    const { from } = context;
    // Field order matters: V8 gives an object that is spread and then extended a new shape each time.
    return from === undefined || outcome.kind === 'unknown'
      ? { at, durationMs, ...outcome, detail }
      : { at, durationMs, from, ...outcome, detail };
  }

  /** Stops the present run, if there is one; its sample is `unknown`. Idempotent. */
  abort(): void {
    this.#abortRun();
  }

  /**
   * A detail as one safe line; usually the same as the last one. The detail of a good answer is the probe's
   * own text. Secrets are hidden before the line is cut, because a cut could leave a part of one.
   */
  #sanitizeLine({ kind, detail }: Outcome): string {
    if (detail !== this.#lastDetail) {
      const masked = kind === 'ok' ? detail : (this.#mask?.(detail) ?? detail);
      [this.#lastDetail, this.#lastLine] = [detail, singleLine(masked)];
    }
    return this.#lastLine;
  }

  /** The probe's own outcome, or one for the deadline or the abort. */
  #outcomeWithin(context: ProbeContext, ending: LightAbortController): Promise<Outcome> {
    const { timeoutMs } = context;
    const lateMs = Math.min(LATE_MS, timeoutMs / 4);
    return new Promise((resolve) => {
      const settle = (outcome: Outcome): void => {
        clearTimeout(timer);
        clearImmediate(turn);
        silence?.abort();
        // A late result of an aborted run must not change the next run.
        if (this.#abortRun === abort) this.#abortRun = nothingToAbort;
        resolve(outcome);
      };
      const onDeadline = (): void => {
        ending.abort();
        turn = setImmediate(() => settle(timedOut(timeoutMs)));
      };
      let turn: NodeJS.Immediate | undefined;
      let silence: LightAbortController | undefined;
      const end = (outcome: Outcome): void => {
        settle(outcome);
        ending.abort();
      };
      // One timer at a time: most answers come before the first, and cost no second one.
      let timer = setTimeout(() => {
        // One more turn of the event loop before the timeout counts: after a lag of ours, timers run before
        // sockets that are already readable, and the target would seem late because of our own delay.
        timer = setTimeout(() => (turn = setImmediate(onDeadline)), timeoutMs - lateMs);
        silence = new LightAbortController();
        this.#onSilence?.({ signal: silence, settle: end });
      }, lateMs);
      const abort = (): void => end(ABORTED);
      this.#abortRun = abort;
      const onBroken = (thrown: unknown): void => {
        if (!ending.aborted) settle(brokenProbe(messageOf(thrown)));
      };
      const onOutcome = (outcome: Partial<Outcome> | undefined): void => {
        if (typeof outcome?.detail !== 'string') return onBroken('the probe gave no outcome');
        // A good answer after the deadline does not count.
        // as: a result with a detail has the right type
        if (!ending.aborted || outcome.kind !== 'ok') settle(outcome as Outcome);
      };
      this.#start(context, onOutcome, onBroken);
    });
  }

  #start(
    context: ProbeContext,
    onOutcome: (outcome: Partial<Outcome> | undefined) => void,
    onBroken: (thrown: unknown) => void,
  ): void {
    try {
      Promise.resolve(this.#probe.run(context)).then(onOutcome, onBroken);
    } catch (thrown) {
      onBroken(thrown);
    }
  }
}

function nothingToAbort(): void {}

const ABORTED: Outcome = { kind: 'unknown', cause: 'aborted', detail: 'the probe was stopped' };

function timedOut(timeoutMs: number): Outcome {
  return { kind: 'fail', class: 'timeout', detail: `no answer within ${timeoutMs} ms` };
}

function brokenProbe(message: string): Outcome {
  return { kind: 'unknown', cause: 'broken-probe', detail: `the probe is broken: ${message}` };
}
