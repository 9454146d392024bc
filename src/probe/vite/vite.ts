import type { LightAbortSignal } from '../../time/light-abort.ts';
import { DeepCheck } from './deep-check.ts';
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
  const deep = new DeepCheck((context) => checkDeeply(target, { ...context, noteJudging }), {
    periodMs: options.deepPeriodMs,
    timeoutMs: options.deepTimeoutMs,
  });
  let isStopped = false;

  return {
    async run(context) {
      noteJudging = context.noteJudging;
      if (isStopped) return STOPPED;
      const startedAt = context.now();
      const ping = await pingVite(target, context);
      if (isStopped) return STOPPED;
      // A deep check from before or during an outage says nothing about the server afterwards.
      if (ping.kind === 'fail') deep.reset();
      if (ping.kind !== 'ok') return ping;

      const waiting = deep.takeResult();
      if (waiting !== undefined) return waiting;
      if (!deep.isBad) {
        deep.startIfDue(context.now);
        return ping;
      }
      await settledWithin(deep.startNow(context.now), timeLeft(startedAt, context), context.signal);
      return deep.takeResult() ?? (isStopped ? STOPPED : PENDING);
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
  return {
    ping: { run: (context) => pingVite(target, context), stop() {} },
    deep: { run: (context) => checkDeeply(target, context), stop() {} },
  };
}

const STOPPED: Outcome = { kind: 'unknown', cause: 'aborted', detail: 'the probe was stopped' };
const PENDING: Outcome = {
  kind: 'unknown',
  cause: 'pending',
  detail: 'the deep check is still running',
};

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
