import { DeepCheck } from './deep-check.ts';
import { LostDependencies } from './dependency-check.ts';
import { preloadLexer } from './module-imports.ts';
import type { Outcome, Probe, ProbeContext, ViteOptions } from '../probe.ts';
import { checkDeeply } from './module-check.ts';
import { pingVite } from './ping.ts';
import { viteTargetOf } from './target.ts';

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
  const deep = new DeepCheck(
    (context, dropped) => checkDeeply(target, lost, { ...context, noteJudging }, dropped),
    { periodMs: options.deepPeriodMs, timeoutMs: options.deepTimeoutMs },
  );
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
      const result = await deep.resultWithin(startedAt, context);
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
    deep: { run: (context) => checkDeeply(target, lost, context, context.signal), stop() {} },
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
