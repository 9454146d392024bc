import { messageOf } from '../errors.ts';
import { logBrokenProbes, logDecision, logExecution, type Log } from './log.ts';
import { labelOf, type Metrics } from './metrics.ts';
import type { TargetView } from './view.ts';
import type { WorkerEvent } from '../monitor/worker/worker-deps.ts';

/** Brings what a worker tells to the log and the metrics. */
export function tell(log: Log, metrics: Metrics, view: TargetView, news: WorkerEvent): void {
  switch (news.type) {
    case 'sample':
      if (news.sample.kind === 'ok') metrics.measure(news.sample.durationMs);
      return;
    case 'brokenProbes':
      return logBrokenProbes(log, view, labelOf(view), news.detail);
    case 'bug':
      return tellBug(log, news.error);
    case 'executed':
      if (news.execution.result === 'done') metrics.countRestart();
      if (news.isRepeated) return;
      return logExecution(log, view, labelOf(view), news.order, news.execution);
    case 'decision':
      if (news.decision.type === 'incidentOpened') metrics.countIncident();
      if (news.decision.type === 'transition') metrics.register();
      return logDecision(log, view, labelOf(view), news.decision);
  }
}

/** An error of our own, with its stack. */
export function tellBug(log: Log, error: unknown): void {
  const stack = error instanceof Error ? error.stack : undefined;
  log.line('error', `internal error, please report it: ${messageOf(error)}`, { stack });
}
