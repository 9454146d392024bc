import { entryIdOf, incarnationOf, type ManagedProcess } from '../pm2/process.ts';
import type { BusyProcess } from '../os/busy-process.ts';
import type { ProcessIdentity } from '../os/os-reader.ts';
import type { ActionResult } from '../verdict/event.ts';
import type { IncarnationId } from '../verdict/process.ts';

/** A restart that the verdict decided, for one incarnation of one app. */
export interface RestartOrder {
  readonly pmId: number;
  readonly name: string;
  readonly method: 'restart' | 'reload';
  /** The incarnation to stop; null for an app that PM2 gave up or lost. */
  readonly incarnation: IncarnationId | null;
  /** The entry that PM2 lost and that is to be started (as `entryIdOf` names it); absent for any other app. */
  readonly lost?: string;
  /** The process of the app that a signal has stopped (state T); absent where none is known. */
  readonly stopped?: ProcessIdentity;
  /** True where that is the reason for the restart: it is not restarted if it runs again. */
  readonly isOnlyStopped?: true;
  /** The process of the app that is proven to be busy without a turn of its event loop; absent where none is known. */
  readonly busy?: BusyProcess;
  /** The processes of a proven orphan, which are stopped first; empty where there is none. */
  readonly orphan: readonly ProcessIdentity[];
  /** The time that these have to exit by themselves; absent: the usual one. */
  readonly orphanGraceMs?: number;
  /** All processes behind the port, this one included; absent where there is only one. */
  readonly members?: readonly Pick<RestartOrder, 'pmId' | 'incarnation' | 'lost'>[];
}

/** The result of an order, with one line for people. */
export interface ExecutionResult {
  readonly result: ActionResult;
  readonly detail: string;
}

/** The process to act on, or the reason why an order no longer fits PM2's list. */
export type Check =
  | { readonly proceed: true; readonly process: ManagedProcess }
  | { readonly proceed: false; readonly reason: string };

/**
 * Compares an order with a list read just now (DESIGN §5): pm_ids are reused and renumbered, so name and
 * incarnation must match too, and PM2 must say `online` (`errored` for an app that it gave up).
 */
export function checkOrder(order: RestartOrder, processes: readonly ManagedProcess[]): Check {
  const named = namedBy(order, processes);
  if (!named.proceed) return named;
  const { process } = named;
  if (order.lost !== undefined) {
    return isStillLost(order, process) ? named : no(`PM2 says ${process.status}`);
  }
  const fits = order.incarnation === null ? isGivenUp(process) : process.status === 'online';
  if (!fits) return no(`PM2 says ${process.status}`);
  if (order.incarnation !== null && incarnationOf(process) !== order.incarnation) {
    return no('the app was started again meanwhile');
  }
  return named;
}

/**
 * Does the same for an order that stops an orphan first. PM2 may have started the app again meanwhile,
 * but it must be listed, not stopped, and own none of the orphan's processes.
 */
export function checkOrphanOrder(
  order: RestartOrder,
  processes: readonly ManagedProcess[],
  pm2Pids: readonly number[],
): Check {
  const named = namedBy(order, processes);
  if (!named.proceed) return named;
  const { status } = named.process;
  if (status === 'stopped' || status === 'stopping') return no(`PM2 says ${status}`);
  const own = order.orphan.find(({ pid }) => pm2Pids.includes(pid));
  if (own !== undefined) return no(`process ${own.pid} belongs to PM2 now`);
  return named;
}

/** The app of an order in PM2's list. Ids are reused, so the name must match too. */
export function entryOf(
  { pmId, name }: RestartOrder,
  processes: readonly ManagedProcess[],
): ManagedProcess | undefined {
  return processes.find((process) => process.pmId === pmId && process.name === name);
}

/** Gives the same as a `Check`, which fails where PM2 does not list the app. */
function namedBy(order: RestartOrder, processes: readonly ManagedProcess[]): Check {
  const process = entryOf(order, processes);
  return process === undefined ? no('PM2 no longer has this app') : { proceed: true, process };
}

/**
 * True where PM2 has given the app up: it is errored, or waits for a restart that has no timer (FACTS,
 * "PM2: restart by status"). Where it has a pid, PM2 could not stop its process, and refuses to start
 * another one.
 */
export function isGivenUp({ status, pid }: ManagedProcess): boolean {
  return pid === 0 && (status === 'errored' || status === 'waiting restart');
}

/** True where PM2 runs no process for it, is not at work on it, and nobody has stopped or started it since. */
function isStillLost({ lost }: RestartOrder, process: ManagedProcess): boolean {
  const { status, pid } = process;
  if (entryIdOf(process) !== lost) return false;
  if (status === 'online' || status === 'launching') return pid === 0;
  return status === 'stopped' || status === 'waiting restart' || isGivenUp(process);
}

/** True where PM2 gave the app up because its process did not exit, and the process is still there. */
export function isStuck({ status, pid }: ManagedProcess): boolean {
  return status === 'errored' && pid > 0;
}

/** True while PM2 still has the incarnation of an order, or the given-up app of an order, unchanged. */
export function isAsOrdered(order: RestartOrder, processes: readonly ManagedProcess[]): boolean {
  const named = entryOf(order, processes);
  if (named === undefined) return false;
  if (order.lost !== undefined) return isStillLost(order, named);
  return order.incarnation === null
    ? isGivenUp(named)
    : named.status === 'online' && incarnationOf(named) === order.incarnation;
}

function no(reason: string): Check {
  return { proceed: false, reason };
}
