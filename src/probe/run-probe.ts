import { messageOf } from '../errors.ts';
import { oneLine } from './one-line.ts';
import type { Outcome, Probe, Sample } from './probe.ts';

/** What one run of a probe needs. */
export interface RunOptions {
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /** The deadline for everything together. */
  readonly timeoutMs: number;
  /** Ends the run early; the sample is then `unknown`. */
  readonly signal?: AbortSignal;
}

/**
 * Runs a probe once and always comes back with a sample, soon after the deadline at the latest:
 * also when the probe ignores its signal, throws or answers nonsense. Never rejects. A probe that
 * fails at the deadline has the word, because it knows what it was waiting for.
 */
export async function runProbe(probe: Probe, options: RunOptions): Promise<Sample> {
  const at = options.now();
  const outcome = await outcomeUnderDeadline(probe, options);
  return { ...outcome, detail: oneLine(outcome.detail), at, durationMs: options.now() - at };
}

/** The probe's own outcome, or what stands for it at the deadline or at the abort. */
function outcomeUnderDeadline(probe: Probe, options: RunOptions): Promise<Outcome> {
  const { now, timeoutMs, signal } = options;
  return new Promise((resolve) => {
    if (signal?.aborted === true) return resolve(ABORTED);
    const controller = new AbortController();
    const settle = (outcome: Outcome): void => {
      clearTimeout(timer);
      clearImmediate(turn);
      signal?.removeEventListener('abort', onAbort);
      resolve(outcome);
    };
    const onAbort = (): void => {
      settle(ABORTED);
      controller.abort();
    };
    const onDeadline = (): void => {
      controller.abort();
      turn = setImmediate(() => settle(timedOut(timeoutMs)));
    };
    const onOutcome = (outcome: Outcome): void => {
      // An answer that came after the deadline is no answer.
      if (controller.signal.aborted && outcome.kind === 'ok') return;
      settle(outcome);
    };
    let turn: NodeJS.Immediate | undefined;
    // One turn of the loop before the verdict: after a lag of ours, timers run before the sockets
    // that have long been readable, and the target would be blamed for our own delay.
    const timer = setTimeout(() => {
      turn = setImmediate(onDeadline);
    }, timeoutMs);
    signal?.addEventListener('abort', onAbort, { once: true });
    outcomeOf(probe, { signal: controller.signal, timeoutMs, now }).then(onOutcome, (thrown) => {
      if (!controller.signal.aborted) settle(brokenProbe(messageOf(thrown)));
    });
  });
}

const ABORTED: Outcome = { kind: 'unknown', cause: 'aborted', detail: 'the probe was stopped' };

/** Runs the probe, turning a synchronous throw into a rejection and refusing what is no outcome. */
async function outcomeOf(probe: Probe, context: Parameters<Probe['run']>[0]): Promise<Outcome> {
  const outcome: Partial<Outcome> | undefined = await probe.run(context);
  if (typeof outcome?.detail !== 'string') throw new Error('the probe gave no outcome');
  return outcome as Outcome; // as: a probe that gives a detail keeps to the type
}

function timedOut(timeoutMs: number): Outcome {
  return { kind: 'fail', class: 'timeout', detail: `no answer within ${timeoutMs} ms` };
}

function brokenProbe(message: string): Outcome {
  return { kind: 'unknown', cause: 'broken-probe', detail: `the probe is broken: ${message}` };
}
