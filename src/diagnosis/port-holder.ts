import type { OsReader, ProcessFacts, ProcessTable } from '../os/os-reader.ts';
import type { Endpoint } from './probed-address.ts';
import type { Observation } from '../target/observation.ts';

/** Who has the app's port, as far as it matters for the verdict. */
export type PortHolder =
  /**
   * The app itself, at these of the addresses that are asked, where it is known which; or somebody of
   * whom it cannot be told, and `doubt` says why, for a person.
   */
  | { readonly kind: 'accepted'; readonly at?: readonly string[]; readonly doubt?: string }
  /** The app has some of the addresses that are asked, and somebody else has the others. */
  | { readonly kind: 'beside'; readonly at: readonly string[]; readonly detail: string }
  /** The app's process has just gone, so that what answered cannot be laid at its door. */
  | { readonly kind: 'unsure'; readonly why: string }
  | { readonly kind: 'stranger'; readonly detail: string }
  | { readonly kind: 'orphan'; readonly detail: string; readonly lives: readonly ProcessFacts[] }
  /** The app has this port, but at another address than the one that is asked. */
  | { readonly kind: 'elsewhere'; readonly detail: string }
  /** Nobody has this port, and the app listens on one of the next. */
  | { readonly kind: 'drifted'; readonly detail: string };

/** What is known of the question that the look is about. */
export interface Asked {
  /** The address that answered, where one did. */
  readonly from?: string | undefined;
  /** The addresses that were asked, where those are fewer than the endpoint's. */
  readonly only?: readonly string[] | undefined;
  /** False where nobody answered, so that nobody needs to listen; absent is true. */
  readonly isAnswered?: boolean;
  /** True where `::` was seen to refuse IPv4. */
  readonly isIpv6Only?: boolean;
}

/** What is needed to look. */
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

/** One look at a port, with all that is known of who runs. */
export interface PortEvidence extends Endpoint {
  readonly app: Observation;
  readonly table: ProcessTable;
  readonly deps: PortHolderDeps;
  /** False where nobody answered. */
  readonly isAnswered: boolean;
}

/** An answer that is taken as the app's, though it cannot be told whose it is. */
export function doubted(doubt: string): PortHolder {
  return { kind: 'accepted', doubt };
}
