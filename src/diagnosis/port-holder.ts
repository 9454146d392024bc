import { maskDetail } from '../config/secrets/secrets.ts';
import type { TargetConfig } from '../config/target-config.ts';
import type { OsReader, ProcessFacts, ProcessTable } from '../os/os-reader.ts';
import type { Endpoint } from './probed-address.ts';
import type { Clock } from '../time/clock.ts';
import type { Observation } from '../target/observation.ts';

/** Who holds the app's port, as far as this matters for the verdict. */
export type PortHolder =
  /**
   * The app itself, at the addresses `at` where known; or a process that cannot be identified, and
   * `doubt` says why, for people.
   */
  | {
      readonly kind: 'accepted';
      readonly at?: readonly string[];
      readonly doubt?: string;
      /** The process that listens for the app; absent where it is not known. */
      readonly pid?: number;
    }
  /** The app has the probed addresses `at`, and somebody else has the others. */
  | { readonly kind: 'beside'; readonly at: readonly string[]; readonly detail: string }
  /** The app's process has just exited, so it is not known who answered. */
  | { readonly kind: 'unsure'; readonly reason: string }
  /** Not the app's, as far as known; `isUnread` where its environment could not be read, which may pass. */
  | { readonly kind: 'stranger'; readonly detail: string; readonly isUnread?: true }
  | { readonly kind: 'orphan'; readonly detail: string; readonly lives: readonly ProcessFacts[] }
  /** The app has this port, but at another address than the probed one. */
  | { readonly kind: 'elsewhere'; readonly detail: string }
  /** Nobody has this port, and the app listens on one of the next ports. */
  | { readonly kind: 'drifted'; readonly detail: string };

/** What is known about the probe of this port. */
export interface ProbedEvidence {
  /** The address that answered; absent where none did. */
  readonly from?: string | undefined;
  /** The addresses that were probed, where fewer than the endpoint's. */
  readonly only?: readonly string[] | undefined;
  /** False where nobody answered, so that perhaps nobody listens; absent: true. */
  readonly isAnswered?: boolean;
  /** True where `::` was seen to refuse IPv4. */
  readonly isIpv6Only?: boolean;
  /** True where the sockets at the port are those of somebody else who was seen before. */
  readonly isKnownOutsider?: boolean;
}

/** What finds the holder of a port, and what PM2 runs. */
export interface PortHolderDeps {
  readonly reader: OsReader;
  readonly clock: Pick<Clock, 'sleep'>;
  readonly pm2Home: string;
  readonly ownPid: number;
  /** The PM2 daemon's pid; 0 when not known. */
  readonly daemonPid: number;
  readonly pm2Pids: readonly number[];
  /** What PM2 runs under the app's name, with this app. */
  readonly instances: readonly Instance[];
}

/** One of PM2's processes of one name. */
export interface Instance {
  readonly pmId: number;
  readonly pid: number;
  readonly cwd: string;
}

/** The facts of one look at a port. */
export interface PortEvidence extends Endpoint {
  readonly app: Observation;
  readonly table: ProcessTable;
  readonly deps: PortHolderDeps;
  /** False where nobody answered. */
  readonly isAnswered: boolean;
}

/** The answer counts as the app's, though it is not known who gave it. */
export function acceptInDoubt(doubt: string): PortHolder {
  return { kind: 'accepted', doubt };
}

/** Hides the app's secrets in a holder's command line: that process may have the app's variables. */
export function maskHolder(holder: PortHolder, { secrets }: TargetConfig): PortHolder {
  if (holder.kind === 'accepted' && holder.doubt !== undefined) {
    return { ...holder, doubt: maskDetail({ detail: holder.doubt }, secrets).detail };
  }
  return 'detail' in holder ? maskDetail(holder, secrets) : holder;
}
