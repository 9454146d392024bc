import type { Clock } from '../time/clock.ts';
import {
  observeCluster,
  type ClusterIncarnation,
  type ClusterObservation,
} from './cluster-observation.ts';
import type { Target } from './grouping.ts';
import { observationOf } from './observation.ts';
import type { StopDebounce } from './stop-debounce.ts';

/** What PM2 says of a target's processes, each end of one believed only when it stands. */
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
    : { observation: alone, life: null };
}
