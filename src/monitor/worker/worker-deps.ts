import type { ExecutionResult, RestartOrder } from '../../action/restart-order.ts';
import type { HeartbeatSnapshot } from '../../probe/heartbeat.ts';
import type { RunAs } from '../../probe/exec/run-as.ts';
import type { WorkerEvent } from '../../report/worker-events.ts';
import type { Clock } from '../../time/clock.ts';
import type { IncarnationId } from '../../verdict/process.ts';
import type { RestoredState } from '../../history/restored-state.ts';
import type { Dependency } from '../../config/dependency.ts';
import type { DependencyStatus } from '../../report/view.ts';
import type { DependencyHold } from '../../verdict/dependency/dependency.ts';
import type { Verdict } from '../../verdict/verdict.ts';
import type { Gate } from '../gate.ts';
import type { SelfCheck } from '../self-check.ts';
import type { Observation } from '../../target/observation.ts';
import type { AppFiles } from '../../diagnosis/app-files.ts';
import type { CertificateFileDeps } from '../../diagnosis/certificate-file.ts';
import type { Diagnoser } from '../../diagnosis/diagnose.ts';
import type { OrphansDeps } from '../../diagnosis/orphans.ts';
import type { RestartSlot } from '../restart-slot.ts';

/** What all workers share. */
export interface WorkerDeps {
  readonly clock: Clock;
  /** A random number in [0, 1). */
  readonly random: () => number;
  readonly selfCheck: SelfCheck;
  /** Where every round waits for its turn. */
  readonly gate: Gate;
  readonly slot: RestartSlot;
  /** How what an app depends on is. */
  readonly dependencies: {
    /** What it keeps back, see `DependencyWatch.holdFor`. */
    holdFor(app: Observation, badSince: number | null): DependencyHold | null;
    /** Each of it, for a person. */
    statusOf(app: Observation, dependsOn: readonly Dependency[]): readonly DependencyStatus[];
  };
  /**
   * Until when restarts of a target in this state are held, because many apps began to fail together
   * (monotonic milliseconds).
   */
  readonly heldUntil: (verdict: Verdict) => number;
  /** What is known about the heartbeats of an incarnation. */
  readonly heartbeatOf: (incarnation: IncarnationId | null) => HeartbeatSnapshot;
  /** The user as whom a command of this app runs. Never rejects. */
  readonly runAs: (app: Observation) => Promise<RunAs>;
  /** Whether an app needs a port that an older process holds, by what its incarnations did. */
  readonly needOf: OrphansDeps['needOf'];
  /** The pids of all watched apps, as far as PM2's list shows them. */
  readonly appPids: () => readonly number[];
  readonly createDiagnoser: () => Diagnoser;
  /** Where the file of a certificate is read. */
  readonly files: CertificateFileDeps['files'];
  /** What happens to the files of one app. */
  readonly createAppFiles: () => AppFiles;
  /** What an earlier monitor remembered about this app; null where there is nothing. */
  readonly restore: (name: string, instance: number) => RestoredState | null;
  readonly execute: (order: RestartOrder) => Promise<ExecutionResult>;
  /** Reports what happens to the target to all subscribers. */
  readonly emit: (event: WorkerEvent) => void;
}
