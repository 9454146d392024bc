import type { Clock } from '../time/clock.ts';
import {
  observeCluster,
  type ClusterIncarnation,
  type ClusterObservation,
} from './cluster-observation.ts';
import type { Target } from './grouping.ts';
import { observationOf } from './observation.ts';
import type { StopDebounce } from './stop-debounce.ts';

/** What PM2 says about a target's processes. A stop is believed only after a moment. */
export function observe(
  { processes, instance, isCluster }: Target,
  before: ClusterIncarnation | null,
  stops: StopDebounce,
  clock: Clock,
): ClusterObservation {
  const members = processes.map((process) => ({
    ...stops.pass(observationOf(process, clock), clock.now()),
    instance,
  }));
  const [alone] = members;
  return isCluster || alone === undefined
    ? observeCluster(members, before)
    : { observation: alone, incarnation: null };
}
