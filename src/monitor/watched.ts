import type { TargetConfig } from '../config/target-config.ts';
import type { GroupLife } from './group-observation.ts';
import type { Target } from './grouping.ts';
import type { Observation } from './observation.ts';
import type { Worker } from './worker.ts';

/** What is known of one target. */
export interface Watched {
  readonly worker: Worker;
  pmIds: readonly number[];
  config: TargetConfig;
  observation: Observation;
  life: GroupLife | null;
}

/** True where a target that was not known under its key is one that was, with settings changed. */
export function isHeir({ name, processes }: Target, { observation, pmIds }: Watched): boolean {
  return name === observation.name && processes.some(({ pmId }) => pmIds.includes(pmId));
}
