import type { Clock } from '../time/clock.ts';
import { together, type GroupLife, type Together } from './cluster-observation.ts';
import type { Target } from './grouping.ts';
import { observationOf } from './observation.ts';
import type { StopFilter } from './stop-debounce.ts';

/** What PM2 says of a target's processes, each end of one believed only when it stands. */
export function observe(
  { processes, instance, isCluster }: Target,
  before: GroupLife | null,
  stops: StopFilter,
  clock: Clock,
): Together {
  const members = processes.map((process) => ({
    ...stops.pass(observationOf(process, clock), clock.now()),
    instance,
  }));
  const [alone] = members;
  return isCluster || alone === undefined
    ? together(members, before)
    : { observation: alone, life: null };
}
