import type { OsReader, ProcessFacts, ProcessTable } from '../os/os-reader.ts';
import type { Endpoint } from './probed-address.ts';
import type { Observation } from '../target/observation.ts';

/** Who holds the app's port, as far as it matters for the verdict. */
export type PortHolder =
  /**
   * The app itself, at these of the probed addresses where it is known which; or somebody who cannot be
   * identified, and `doubt` says why, for a person.
   */
  | { readonly kind: 'accepted'; readonly at?: readonly string[]; readonly doubt?: string }
  /** The app has some of the probed addresses, and somebody else has the others. */
  | { readonly kind: 'beside'; readonly at: readonly string[]; readonly detail: string }
  /** The app's process has just ended, so it is not known who answered. */
  | { readonly kind: 'unsure'; readonly reason: string }
  | { readonly kind: 'stranger'; readonly detail: string }
  | { readonly kind: 'orphan'; readonly detail: string; readonly lives: readonly ProcessFacts[] }
  /** The app has this port, but at another address than the probed one. */
  | { readonly kind: 'elsewhere'; readonly detail: string }
  /** Nobody has this port, and the app listens on one of the next ports. */
  | { readonly kind: 'drifted'; readonly detail: string };

/** What is known about the probe whose port is looked at. */
export interface ProbedEvidence {
  /** The address that answered, where one did. */
  readonly from?: string | undefined;
  /** The addresses that were probed, where those are fewer than the endpoint's. */
  readonly only?: readonly string[] | undefined;
  /** False where nobody answered, so that nobody needs to listen; absent is true. */
  readonly isAnswered?: boolean;
  /** True where `::` was seen to refuse IPv4. */
  readonly isIpv6Only?: boolean;
}

/** Through what the holder of a port is found, and what PM2 runs. */
export interface PortHolderDeps {
  readonly reader: OsReader;
  readonly pm2Home: string;
  readonly ownPid: number;
  /** The PM2 daemon's pid; 0 when not known. */
  readonly daemonPid: number;
  readonly pm2Pids: readonly number[];
  /** What PM2 runs under the app's name, itself included. */
  readonly instances: readonly Instance[];
}

/** One of PM2's processes of one name. */
export interface Instance {
  readonly pmId: number;
  readonly pid: number;
  readonly cwd: string;
}

/** One look at a port, with all that is known about the processes there. */
export interface PortEvidence extends Endpoint {
  readonly app: Observation;
  readonly table: ProcessTable;
  readonly deps: PortHolderDeps;
  /** False where nobody answered. */
  readonly isAnswered: boolean;
}

/** An answer that is taken as the app's, though nobody knows whose it is. */
export function acceptInDoubt(doubt: string): PortHolder {
  return { kind: 'accepted', doubt };
}
