import type { LivenessBlock } from '../../config/block.ts';
import type { OsReader } from '../../os/os-reader.ts';
import type { ManagedProcess } from '../../pm2/process.ts';
import type { Clock } from '../../time/clock.ts';

/** A block for one app, or why there is none. All texts are safe to print once sanitized: names come from PM2. */
export interface Proposal {
  /** Null where nothing is sure: then nothing is guessed. */
  readonly block: LivenessBlock | null;
  /** How it was found, or why there is no block; one sentence without a full stop. */
  readonly found: string;
  /** What a person must know before taking the block; null where there is nothing. */
  readonly warning: string | null;
}

/** Through what an app is seen. */
export interface ProposalDeps {
  readonly reader: OsReader;
  readonly clock: Clock;
  /** The pid of PM2's daemon, which holds the ports of apps in cluster mode; 0 where not known. */
  readonly daemonPid: number;
  /** All that PM2 runs. */
  readonly processes: readonly ManagedProcess[];
}
