import type { TargetConfig } from '../config/target-config.ts';
import type { ClusterIncarnation } from '../target/cluster-observation.ts';
import type { Observation } from '../target/observation.ts';
import type { Worker } from './worker/worker.ts';

/** What is known of one target. */
export interface Watched {
  readonly worker: Worker;
  pmIds: readonly number[];
  config: TargetConfig;
  observation: Observation;
  life: ClusterIncarnation | null;
}
