import type { TargetConfig } from '../config/target-config.ts';
import type { Target } from '../target/grouping.ts';
import { isAtRest } from '../verdict/on-tick.ts';
import type { Verdict } from '../verdict/verdict.ts';

/** What of an entry in PM2's list tells one moment of a running process from another. */
export interface SeenEntry {
  readonly pid: number;
  readonly startedAt: number;
  readonly restarts: number;
  readonly instance: number;
  /** The connection to PM2's bus at that time, see `Pm2Client`. */
  readonly connection: number | null;
}

/** What the monitor keeps for one target, as far as it shows whether its entry is news. */
interface Known {
  readonly worker: { readonly verdict: Verdict };
  readonly pmIds: readonly number[];
  readonly config: TargetConfig;
  seen: SeenEntry | null;
}

/** What is remembered of a target's entry; null unless it is one process that runs. */
export function seenEntryOf(target: Target, connection: number | null): SeenEntry | null {
  const { processes, instance, isCluster } = target;
  const [process] = processes;
  if (process === undefined || isCluster || process.status !== 'online') return null;
  const { pid, startedAt, restarts } = process;
  return { pid, startedAt, restarts, instance, connection };
}

/**
 * True for a target that is well, and whose entry is the same as in the last list: almost always, so with
 * hundreds of apps the list costs little more than to read it.
 */
export function isSteady(known: Known, target: Target, connection: number | null): boolean {
  const { seen, config, worker } = known;
  const [process] = target.processes;
  return (
    seen !== null &&
    process?.status === 'online' &&
    process.pid === seen.pid &&
    process.startedAt === seen.startedAt &&
    process.restarts === seen.restarts &&
    target.instance === seen.instance &&
    connection === seen.connection &&
    target.config === config &&
    isAtRest(worker.verdict)
  );
}

/** PM2 has reported something of this pm_id: its next entry is read, even if it is the same. */
export function forgetSeen(watched: ReadonlyMap<string, Known>, pmId: number): void {
  for (const known of watched.values()) if (known.pmIds.includes(pmId)) known.seen = null;
}
