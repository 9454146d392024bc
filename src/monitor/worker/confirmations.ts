import type { TargetConfig } from '../../config/target-config.ts';
import type { Verdict } from '../../verdict/verdict.ts';

/**
 * How many probes may begin while the next one has no answer, to confirm that an app which was well gives none
 * (DESIGN §12): never more than the threshold still wants. Null where there is no timeout to confirm, and where
 * probes do not overlap: a command runs alone, so does a deep check, and a heartbeat is known at once.
 */
export function confirmationsFor(
  { state, process, memory }: Pick<Verdict, 'state' | 'process' | 'memory'>,
  { probe, policy }: Pick<TargetConfig, 'probe' | 'policy'>,
): number | null {
  if (state.name !== 'failing' || state.failure.class !== 'timeout') return null;
  if (!process.hasAnswered || memory.needsDeep) return null;
  if (probe.type === 'exec' || probe.type === 'heartbeat') return null;
  return Math.max(0, policy.failureThreshold - state.streak.failures - 1);
}
