import type { TargetConfig } from '../config/target-config.ts';
import type { ClusterIncarnation } from '../target/cluster-observation.ts';
import type { Target } from '../target/grouping.ts';
import { pidsOf, type Observation } from '../target/observation.ts';
import { Successors } from '../target/successors.ts';
import type { SeenEntry } from './seen-entry.ts';
import type { Worker } from './worker/worker.ts';

/** What the monitor keeps for one target. */
export interface Watched {
  readonly worker: Worker;
  pmIds: readonly number[];
  config: TargetConfig;
  observation: Observation;
  incarnation: ClusterIncarnation | null;
  /** Null where its next entry must be read in any case. */
  seen: SeenEntry | null;
}

/**
 * Removes from `watched` what is gone, and returns it. A target that is only probed elsewhere now,
 * because its settings changed, keeps its worker under its new key.
 */
export function takeGone(watched: Map<string, Watched>, targets: readonly Target[]): Watched[] {
  const keys = new Set(targets.map(({ key }) => key));
  const missing = [...watched].filter(([key]) => !keys.has(key));
  if (missing.length === 0) return [];
  const successors = new Successors(targets.filter(({ key }) => !watched.has(key)));
  const gone: Watched[] = [];
  for (const [key, each] of missing) {
    const successor = successors.take(each.observation.name, each.pmIds);
    watched.delete(key);
    if (successor) watched.set(successor.key, each);
    else gone.push(each);
  }
  return gone;
}

/** The workers of all targets. */
export function workersIn(watched: ReadonlyMap<string, Watched>): Worker[] {
  return Array.from(watched.values(), ({ worker }) => worker);
}

/** The pids of all watched apps. */
export function pidsIn(watched: ReadonlyMap<string, Watched>): readonly number[] {
  return [...watched.values()].flatMap(({ observation }) => pidsOf(observation));
}

/** The workers of an app: one, or one per instance where each has a port of its own. */
export function workersNamed(watched: ReadonlyMap<string, Watched>, name: string): Worker[] {
  return [...watched.values()]
    .filter(({ observation }) => observation.name === name)
    .map(({ worker }) => worker);
}

/** The workers whose target has the process of this pm_id. */
export function workersAt(watched: ReadonlyMap<string, Watched>, pmId: number): Worker[] {
  return [...watched.values()]
    .filter(({ pmIds }) => pmIds.includes(pmId))
    .map(({ worker }) => worker);
}
