import type { ExpiringCertificate, SlowAnswers, TargetView } from '../../report/view.ts';
import { maskSecrets } from '../../config/secrets/secrets.ts';
import { countOf } from '../../target/cluster-observation.ts';
import type { Observation } from '../../target/observation.ts';
import type { Restarts } from './restarts.ts';
import type { WorkerDeps } from './worker-deps.ts';

/** What is known from examining its answers; each null where there is nothing. */
export interface ExaminedFacts {
  readonly portNote: string | null;
  readonly doing: readonly string[] | null;
  readonly background: string | null;
  readonly provenBlock: string | null;
  readonly slow: SlowAnswers | null;
  readonly certificate: ExpiringCertificate | null;
  readonly certificateReported: string | null;
  readonly tlsNotAfter: number | null;
}

/** What a worker itself knows about its target. */
type Known = Pick<TargetView, 'config' | 'verdict' | 'last' | 'uptime'> & {
  readonly restarts: Pick<Restarts, 'total' | 'known'>;
  readonly dependencies: WorkerDeps['dependencies'];
  /** Empty where it waits for nobody. */
  readonly waitsFor: readonly string[];
  readonly releaseNote: string | null;
};

/**
 * Joins what PM2 says of a target, what its worker knows and what examining it has shown. Field by field,
 * because all are made every second, and an object that is spread and then extended is slow to make in V8.
 */
export function viewOf(
  observation: Observation,
  known: Known,
  examined: ExaminedFacts,
): TargetView {
  const { portNote, background, provenBlock, slow, certificate } = examined;
  const { members, pm2Wait } = observation;
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
    restartsTotal: known.restarts.total,
    pm2Restarts: known.restarts.known,
    uptime: known.uptime,
    ...(known.waitsFor.length > 0 && { waitsFor: known.waitsFor }),
    ...(pm2Wait && { pm2Wait }),
    ...(portNote && { portNote }),
    ...(examined.doing && {
      diagnosis: examined.doing.map((line) => maskSecrets(line, known.config.secrets)),
    }),
    ...(slow && { slow }),
    ...(known.releaseNote !== null && { releaseNote: known.releaseNote }),
    ...(dependsOn && { dependsOn: () => known.dependencies.statusOf(observation, dependsOn) }),
    ...(background !== null && { background }),
    provenBlock,
    certificate,
    certificateReported: examined.certificateReported,
    tlsNotAfter: examined.tlsNotAfter,
    errorLog: observation.errorLog,
  };
}
