import type { LightAbortSignal } from '../../time/light-abort.ts';
import { DeepCheck } from './deep-check.ts';
import { LostDependencies } from './dependency-check.ts';
import { preloadLexer } from './module-imports.ts';
import type { Outcome, Probe, ProbeContext, ViteOptions } from '../probe.ts';
import { checkDeeply } from './module-check.ts';
import { pingVite } from './ping.ts';
import { viteTargetOf } from './target.ts';

/** The share of its time that a run does not wait for the deep check, so that it ends before its deadline. */
const SPARE_SHARE = 0.1;
const MAX_SPARE_MS = 250;

/**
 * Asks a Vite dev server: a cheap ping each time, and every `deepPeriodMs` a deep check that the app itself
 * can be served. A failed ping is reported at once, so a slow deep check never hides a hang. While the last
 * deep check failed, each run waits for a new one as long as it can.
 */
export function createViteProbe(options: ViteOptions): Probe {
  const target = viteTargetOf(options);
  preloadLexer();
  // The deep check goes on between two runs, so it uses the hook of the last run.
  let noteJudging: ProbeContext['noteJudging'];
  const lost = new LostDependencies(options.deepPeriodMs);
  const deep = new DeepCheck((context) => checkDeeply(target, lost, { ...context, noteJudging }), {
    periodMs: options.deepPeriodMs,
    timeoutMs: options.deepTimeoutMs,
  });
  let isStopped = false;

  return {
    certificate: target.origin.certificate,
    async run(context) {
      noteJudging = context.noteJudging;
      if (isStopped) return STOPPED;
      const startedAt = context.now();
      const ping = await pingVite(target, context);
      if (isStopped) return STOPPED;
      // A deep check from before or during an outage says nothing about the server afterwards.
      if (ping.kind === 'fail') deep.reset();
      if (ping.kind !== 'ok') return ping;

      // Asked for before the first check of an incarnation: the one before it was found broken.
      if (context.needsDeep === true) deep.expectBad();
      const waiting = deep.takeResult();
      if (waiting !== undefined) return fromDeep(waiting);
      if (!deep.isBad) {
        deep.startIfDue(context.now);
        return ping;
      }
      await settledWithin(deep.startNow(context.now), timeLeft(startedAt, context), context.signal);
      const result = deep.takeResult();
      if (result !== undefined) return fromDeep(result);
      return isStopped ? STOPPED : PENDING;
    },
    stop() {
      isStopped = true;
      deep.reset();
    },
  };
}

/** The two questions of the probe, for a caller that asks each once and waits for both answers. */
export function viteQuestionsOf(options: ViteOptions): {
  readonly ping: Probe;
  readonly deep: Probe;
} {
  const target = viteTargetOf(options);
  const lost = new LostDependencies(options.deepPeriodMs);
  return {
    ping: { run: (context) => pingVite(target, context), stop() {} },
    deep: { run: (context) => checkDeeply(target, lost, context), stop() {} },
  };
}

const STOPPED: Outcome = { kind: 'unknown', cause: 'aborted', detail: 'the probe was stopped' };
const PENDING: Outcome = {
  kind: 'unknown',
  cause: 'pending',
  detail: 'it answers, and the deep check is still running',
};

/** Marked as what only another deep check can take back. */
function fromDeep(outcome: Outcome): Outcome {
  return outcome.kind === 'fail' ? { ...outcome, isDeep: true } : outcome;
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
