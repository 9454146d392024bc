import type { SlowAnswers, TargetView } from '../../report/view.ts';
import { countOf } from '../../target/cluster-observation.ts';
import type { Observation } from '../../target/observation.ts';
import type { WorkerDeps } from './worker-deps.ts';

/** What is known from examining its answers; each null where there is nothing. */
export interface ExaminedFacts {
  readonly portNote: string | null;
  readonly background: string | null;
  readonly provenBlock: string | null;
  readonly slow: SlowAnswers | null;
}

/** What a worker itself knows about its target. */
type Known = ExaminedFacts & { readonly dependencies: WorkerDeps['dependencies'] } & Pick<
    TargetView,
    'config' | 'verdict' | 'last' | 'restartsTotal' | 'uptime' | 'waitsFor'
  >;

/**
 * Joins what PM2 says of a target and what its worker knows. Field by field, because one is made for
 * every sample, and V8 gives each object that is spread and then extended a hidden class of its own.
 */
export function viewOf(observation: Observation, known: Known): TargetView {
  const { members } = observation;
  const { dependsOn } = known.config;
  return {
    name: observation.name,
    pmId: observation.pmId,
    pid: observation.pid,
    instance: observation.instance,
    ...(members && { instances: countOf(members) }),
    config: known.config,
    verdict: known.verdict,
    last: known.last,
    restartsTotal: known.restartsTotal,
    uptime: known.uptime,
    ...(known.waitsFor && { waitsFor: known.waitsFor }),
    ...(known.portNote && { portNote: known.portNote }),
    ...(known.slow && { slow: known.slow }),
    ...(dependsOn && { dependsOn: () => known.dependencies.statusOf(observation, dependsOn) }),
    ...(known.background !== null && { background: known.background }),
    provenBlock: known.provenBlock,
    errorLog: observation.errorLog,
  };
}
