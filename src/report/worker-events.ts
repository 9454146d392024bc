import type { ExecutionResult, RestartOrder } from '../action/restart-order.ts';
import { messageOf } from '../errors.ts';
import type { Sample } from '../probe/probe.ts';
import type { Misconfigured } from '../target/block-cache.ts';
import type { LongStop } from '../target/target-observation.ts';
import type { Decision } from '../verdict/decision.ts';
import { logBrokenProbes, logDecision, logExecution, logSlow, type Log } from './log.ts';
import { logCertFile, logCertificate } from './certificate-log.ts';
import { logLongStop } from './long-stop.ts';
import { logSocketRemoved } from './socket-log.ts';
import { labelOf, type Metrics } from './metrics.ts';
import type { TargetView } from './view.ts';

/** A target whose view is made only where it is asked for. */
export interface Viewed {
  view(): TargetView;
}

/** One for each probe; only the metrics and those that count every event see it. */
interface SampleEvent {
  readonly type: 'sample';
  readonly target: Viewed;
  readonly sample: Sample;
}

/** What a worker reports about its target, with the view of that moment. */
export type WorkerEvent =
  | SampleEvent
  | { readonly type: 'decision'; readonly view: TargetView; readonly decision: Decision }
  | {
      readonly type: 'executed';
      readonly view: TargetView;
      readonly order: RestartOrder;
      readonly execution: ExecutionResult;
      /** True where it was not issued, for the same reason as the last one, which was reported. */
      readonly isRepeated: boolean;
    }
  /** The state to save may have changed. */
  | { readonly type: 'memory'; readonly view: TargetView }
  /** Its answers became slow, or are slow no longer; the view says which. */
  | { readonly type: 'slow'; readonly view: TargetView }
  /** Its certificate is nearer to its end, or has been replaced; the view says which. */
  | { readonly type: 'certificate'; readonly view: TargetView }
  /** The file of its certificate cannot be read. */
  | { readonly type: 'certFile'; readonly view: TargetView; readonly reason: string }
  /** Many probes in a row gave no result, because they were broken themselves. */
  | { readonly type: 'brokenProbes'; readonly view: TargetView; readonly detail: string }
  /** The file of a Unix socket, left by an ended process of the app, was removed: the app could not start with it. */
  | { readonly type: 'socketRemoved'; readonly view: TargetView; readonly path: string }
  /** An error of our own; the loop goes on. */
  | { readonly type: 'bug'; readonly error: unknown };

/** The events of workers, and those of the monitor itself. */
export type MonitorEvent =
  | WorkerEvent
  | LongStop
  | { readonly type: 'misconfigured'; readonly app: Misconfigured }
  /** There are more apps than can be probed in time; null when that is over. */
  | { readonly type: 'overload'; readonly reason: string | null };

/** All but the one that each probe makes. */
export type RareEvent = Exclude<MonitorEvent, SampleEvent>;

/** Called for every event, in order. */
export type MonitorListener = (event: MonitorEvent) => void;

/** Called for every event that is not a sample, in order. */
type RareListener = (event: RareEvent) => void;

/**
 * Makes a function that passes each event to the metrics and to those that want `every` event, samples too, and all but
 * the samples to the listeners, in this order.
 */
export function createEmit(
  metrics: Metrics,
  every: readonly MonitorListener[],
  listeners: readonly RareListener[],
): MonitorListener {
  return (event) => {
    countEvent(metrics, event);
    for (const listener of every) listener(event);
    if (event.type === 'sample') return;
    for (const listener of listeners) listener(event);
  };
}

/** Makes the subscriber that writes events to the log. */
export function logEvents(log: Log): RareListener {
  return (event) => {
    switch (event.type) {
      case 'memory':
        return;
      case 'decision':
        return logDecision(log, event.view, labelOf(event.view), event.decision);
      case 'executed': {
        const { view, order, execution, isRepeated } = event;
        if (!isRepeated) logExecution(log, view, labelOf(view), order, execution);
        return;
      }
      case 'slow':
        return logSlow(log, event.view, labelOf(event.view));
      case 'certificate':
        return logCertificate(log, event.view, labelOf(event.view));
      case 'certFile':
        return logCertFile(log, event.view, labelOf(event.view), event.reason);
      case 'stopping':
        return logLongStop(log, event.app, labelOf(event.app), event.now);
      case 'brokenProbes':
        return logBrokenProbes(log, event.view, labelOf(event.view), event.detail);
      case 'socketRemoved':
        return logSocketRemoved(log, event.view, labelOf(event.view), event.path);
      case 'bug':
        return logBug(log, event.error);
      case 'misconfigured':
        return logMisconfigured(log, event.app);
      case 'overload':
        if (event.reason === null) log.line('info', 'all apps are probed in time again');
        else log.line('warn', event.reason);
    }
  };
}

/** Counts an event in the metrics. */
function countEvent(metrics: Metrics, event: MonitorEvent): void {
  if (event.type === 'sample') {
    if (event.sample.kind === 'ok') metrics.measure(event.sample.durationMs);
  } else if (event.type === 'executed') {
    if (event.execution.result === 'done') metrics.countRestart();
  } else if (event.type === 'decision') {
    if (event.decision.type === 'incidentOpened') metrics.countIncident();
    if (event.decision.type === 'transition') metrics.register();
  }
}

/** An error of our own, with its stack. */
export function logBug(log: Log, error: unknown): void {
  const stack = error instanceof Error ? error.stack : undefined;
  log.line('error', `internal error, please report it: ${messageOf(error)}`, { stack });
}

function logMisconfigured(log: Log, { message, isWatched, effect }: Misconfigured): void {
  const holds =
    effect ?? (isWatched ? 'its last good settings stay in force' : 'it is not watched');
  log.line('error', `${message}\n  ${holds}`);
}
