import { messageOf } from '../errors.ts';
import { LightAbortController, type LightAbortSignal } from '../time/light-abort.ts';
import { singleLine } from '../text/single-line.ts';
import type { Outcome, Probe, ProbeContext, Sample } from './probe.ts';

/** The deadline and the clock of one run of a probe, and how to end it early. */
interface RunOptions {
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /** The deadline for everything together. */
  readonly timeoutMs: number;
  /** Ends the run early; the sample is then `unknown`. */
  readonly signal?: LightAbortSignal;
  readonly mask?: Mask;
}

/** Keeps secrets out of a detail. */
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
 * Runs a probe again and again, one run at a time. Each run comes back with a sample, soon after the
 * deadline at the latest: also when the probe ignores its signal, throws or answers nonsense. A probe
 * that fails at the deadline has the word, because it knows what it was waiting for.
 */
export class ProbeRunner {
  readonly #probe: Probe;
  readonly #now: () => number;
  readonly #mask: Mask | undefined;
  readonly #noteJudging: ((ms: number) => void) | undefined;
  #abortRun = nothingToAbort;
  #lastDetail = '';
  #lastLine = '';

  constructor(probe: Probe, now: () => number, mask?: Mask, noteJudging?: (ms: number) => void) {
    this.#probe = probe;
    this.#now = now;
    this.#mask = mask;
    this.#noteJudging = noteJudging;
  }

  /** Never rejects. */
  async run(timeoutMs: number): Promise<Sample> {
    const at = this.#now();
    const signal = new LightAbortController();
    const [now, noteJudging] = [this.#now, this.#noteJudging];
    const context: ProbeContext = { signal, timeoutMs, now, noteJudging, from: undefined };
    const outcome = await this.#outcomeWithin(context, signal);
    const detail = this.#sanitizeLine(outcome);
    const durationMs = this.#now() - at;
    const { from } = context;
    // In this order: V8 gives an object that is spread and then grown a shape of its own, each time.
    return from === undefined || outcome.kind === 'unknown'
      ? { at, durationMs, ...outcome, detail }
      : { at, durationMs, from, ...outcome, detail };
  }

  /** Ends the run under way, if there is one; its sample is `unknown`. Idempotent. */
  abort(): void {
    this.#abortRun();
  }

  /**
   * A detail fit for a log; usually it is the same as the last one. Where all is well it is in the
   * probe's own words. Secrets go before the line is cut, which might leave a part of one.
   */
  #sanitizeLine({ kind, detail }: Outcome): string {
    if (detail !== this.#lastDetail) {
      const masked = kind === 'ok' ? detail : (this.#mask?.(detail) ?? detail);
      [this.#lastDetail, this.#lastLine] = [detail, singleLine(masked)];
    }
    return this.#lastLine;
  }

  /** The probe's own outcome, or what stands for it at the deadline or at the abort. */
  #outcomeWithin(context: ProbeContext, ending: LightAbortController): Promise<Outcome> {
    const { timeoutMs } = context;
    return new Promise((resolve) => {
      const settle = (outcome: Outcome): void => {
        clearTimeout(timer);
        clearImmediate(turn);
        // What comes late of a run that was aborted must not disarm the run after it.
        if (this.#abortRun === abort) this.#abortRun = nothingToAbort;
        resolve(outcome);
      };
      const onDeadline = (): void => {
        ending.abort();
        turn = setImmediate(() => settle(timedOut(timeoutMs)));
      };
      let turn: NodeJS.Immediate | undefined;
      // One turn of the loop before the verdict: after a lag of ours, timers run before the sockets
      // that have long been readable, and the target would be blamed for our own delay.
      const timer = setTimeout(() => {
        turn = setImmediate(onDeadline);
      }, timeoutMs);
      const abort = (): void => {
        settle(ABORTED);
        ending.abort();
      };
      this.#abortRun = abort;
      const onOutcome = (outcome: Outcome): void => {
        // An answer that came after the deadline is no answer.
        if (!ending.aborted || outcome.kind !== 'ok') settle(outcome);
      };
      this.#ask(context).then(onOutcome, (thrown) => {
        if (!ending.aborted) settle(brokenProbe(messageOf(thrown)));
      });
    });
  }

  /** Asks the probe, turning a synchronous throw into a rejection and refusing what is no outcome. */
  async #ask(context: ProbeContext): Promise<Outcome> {
    const outcome: Partial<Outcome> | undefined = await this.#probe.run(context);
    if (typeof outcome?.detail !== 'string') throw new Error('the probe gave no outcome');
    return outcome as Outcome; // as: a probe that gives a detail keeps to the type
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
