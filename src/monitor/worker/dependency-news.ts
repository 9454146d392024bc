import type { TargetConfig } from '../../config/target-config.ts';
import type { Observation } from '../../target/observation.ts';
import type { DependencyHold } from '../../verdict/dependency/dependency.ts';
import type { Verdict } from '../../verdict/verdict.ts';
import type { WorkerDeps } from './worker-deps.ts';

/**
 * What keeps the restarts of a target back now, where that is news to its verdict; undefined where it is
 * not. `badAt` is when a sign of failure came that is judged next; null where there is none.
 */
export function dependencyNews(
  app: Observation,
  { dependsOn }: TargetConfig,
  verdict: Verdict,
  badAt: number | null,
  dependencies: WorkerDeps['dependencies'],
): DependencyHold | null | undefined {
  const before = verdict.dependency.hold;
  if (dependsOn === undefined && before === null) return undefined;
  const isNeedy = dependsOn !== undefined;
  const hold = isNeedy ? dependencies.holdFor(app, badSince(verdict) ?? badAt) : null;
  const isSame = hold?.reason === before?.reason && hold?.isDown === before?.isDown;
  return isSame ? undefined : hold;
}

/** Since when a target has not been well; null while it is, and while nobody judges it. */
function badSince({ state, since }: Verdict): number | null {
  switch (state.name) {
    case 'starting':
      return state.failure === null ? null : since;
    case 'failing':
    case 'backoff':
    case 'open':
    case 'degraded':
      return since;
    case 'halfOpen':
    case 'healthy':
    case 'restarting':
    case 'paused':
    case 'unknown':
      return null;
  }
}
