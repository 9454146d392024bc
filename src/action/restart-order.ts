import { incarnationOf, type ManagedProcess } from '../pm2/process.ts';
import type { ProcessIdentity } from '../os/os-reader.ts';
import type { ActionResult } from '../verdict/event.ts';
import type { IncarnationId } from '../verdict/process.ts';

/** A restart that the verdict wants, addressed to one incarnation of one app. */
export interface RestartOrder {
  readonly pmId: number;
  readonly name: string;
  readonly method: 'restart' | 'reload';
  /** The incarnation to end; null for an app that PM2 gave up. */
  readonly incarnation: IncarnationId | null;
  /** The processes of a proven orphan, to be stopped before; empty where there is none. */
  readonly orphan: readonly ProcessIdentity[];
  /** The time that these have to end by themselves; absent: the usual one. */
  readonly orphanGraceMs?: number;
  /** Where several processes are behind one port, each of them, the one above included. */
  readonly members?: readonly Pick<RestartOrder, 'pmId' | 'incarnation'>[];
}

/** What came of an order, with one line for a person. */
export interface ExecutionResult {
  readonly result: ActionResult;
  readonly detail: string;
}

/** Whether an order still fits what PM2 says now: the process to act on, or the reason against it. */
export type Check =
  | { readonly proceed: true; readonly process: ManagedProcess }
  | { readonly proceed: false; readonly reason: string };

/**
 * Compares an order with a list taken just now (DESIGN §5): pm_ids are reused and renumbered, so
 * name and incarnation must fit too, and PM2 must say `online` (`errored` for an app it gave up).
 */
export function checkOrder(order: RestartOrder, processes: readonly ManagedProcess[]): Check {
  const named = namedBy(order, processes);
  if (!named.proceed) return named;
  const { process } = named;
  const fits = order.incarnation === null ? isGivenUp(process) : process.status === 'online';
  if (!fits) return no(`PM2 says ${process.status}`);
  if (order.incarnation !== null && incarnationOf(process) !== order.incarnation) {
    return no('the app was started again meanwhile');
  }
  return named;
}

/**
 * The same for an order that stops an orphan first. The app may have been started again meanwhile,
 * because PM2 tries again and again; but it must be listed, not stopped, and own none of these processes.
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

/** The app that an order names, as PM2 lists it; ids are reused, so the name must fit too. */
export function entryOf(
  { pmId, name }: RestartOrder,
  processes: readonly ManagedProcess[],
): ManagedProcess | undefined {
  return processes.find((process) => process.pmId === pmId && process.name === name);
}

/** The same as a check: fails where PM2 does not list the app. */
export function namedBy(order: RestartOrder, processes: readonly ManagedProcess[]): Check {
  const process = entryOf(order, processes);
  return process === undefined ? no('PM2 no longer has this app') : { proceed: true, process };
}

/**
 * PM2 does nothing for it any more: it is errored, or waits for a restart that has no timer (FACTS, "PM2: restart by status").
 * Where it has a pid, PM2 could not end its process, and refuses to start another one.
 */
export function isGivenUp({ status, pid }: ManagedProcess): boolean {
  return pid === 0 && (status === 'errored' || status === 'waiting restart');
}

/** PM2 gave it up because its process did not end, and the process is still there. */
export function isStuck({ status, pid }: ManagedProcess): boolean {
  return status === 'errored' && pid > 0;
}

/** True while PM2 still has, unchanged, the very incarnation (or the end of one) that an order names. */
export function isAsOrdered(order: RestartOrder, processes: readonly ManagedProcess[]): boolean {
  const named = entryOf(order, processes);
  if (named === undefined) return false;
  return order.incarnation === null
    ? isGivenUp(named)
    : named.status === 'online' && incarnationOf(named) === order.incarnation;
}

function no(reason: string): Check {
  return { proceed: false, reason };
}
