import { maskSecrets } from '../config/secrets/secrets.ts';
import { executionText } from '../report/log.ts';
import type { TargetView } from '../report/view.ts';
import type { WorkerEvent } from '../report/worker-events.ts';
import { appKeyOf } from '../store/app-memory.ts';
import { singleLine } from '../text/single-line.ts';
import type { Clock } from '../time/clock.ts';
import { downtimeOf } from '../uptime/figures.ts';
import type { Decision } from '../verdict/decision.ts';
import type { DeedFact, EndedIncidentFact } from './contract/facts.ts';

/** What the monitor did to an app, as its message says it; null where that is nothing. */
export function deedOf(
  { view, order, execution, isRepeated }: Extract<WorkerEvent, { type: 'executed' }>,
  clock: Clock,
): DeedFact | null {
  if (isRepeated || execution.result === 'skipped') return null;
  const text = maskSecrets(executionText(order, execution), view.config.secrets);
  const time = new Date(clock.wall()).toTimeString().slice(0, 8);
  return { key: appKeyOf(view), text: singleLine(`${time} ${text}`, 150) };
}

/** The end of an incident, with wall times; null for one that a worse one follows. */
export function endOf(
  view: TargetView,
  { incident, end }: Extract<Decision, { type: 'incidentResolved' }>,
  clock: Clock,
): EndedIncidentFact | null {
  if (end === 'worse') return null;
  const { uptime, verdict } = view;
  const offset = clock.wall() - clock.now();
  const endedAt = uptime.standing === 'up' ? uptime.since : verdict.at;
  return {
    key: appKeyOf(view),
    end,
    endedAt: offset + endedAt,
    downtimeMs: Math.round(downtimeOf(uptime, incident.openedAt, verdict.at)),
    restarts: incident.restarts,
  };
}
