import type { TargetConfig } from '../../config/target-config.ts';
import type { Verdict } from '../../verdict/verdict.ts';

/**
 * How many probes may begin while the next one has no answer, to confirm that an app which was well gives none
 * (DESIGN §12). Never more than the threshold still wants. A command runs alone, and a heartbeat is known at once.
 */
export function confirmationsFor(
  { state, process }: Verdict,
  { probe, policy }: Pick<TargetConfig, 'probe' | 'policy'>,
): number {
  if (state.name !== 'failing' || state.failure.class !== 'timeout' || !process.hasAnswered)
    return 0;
  if (probe.type === 'exec' || probe.type === 'heartbeat') return 0;
  return Math.max(0, policy.failureThreshold - state.streak.failures - 1);
}
