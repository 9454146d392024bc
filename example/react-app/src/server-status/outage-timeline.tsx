import { formatClock } from '../time/format-time.ts';
import type { OutageLog } from './outage-log.ts';

interface OutageTimelineProps {
  readonly log: OutageLog;
  readonly now: number;
}

/** The visit as one bar from its start to now, with the outages cut into it to scale. */
export function OutageTimeline({ log, now }: OutageTimelineProps) {
  const visitMs = Math.max(1, now - log.visitStartedAt);
  const percent = (ms: number): string => `${((100 * ms) / visitMs).toFixed(3)}%`;

  return (
    <div className="timeline" aria-hidden="true">
      <div className="timeline-bar">
        {log.outages.map(({ startedAt, endedAt }) => (
          <span
            key={startedAt}
            style={{
              insetInlineStart: percent(startedAt - log.visitStartedAt),
              inlineSize: percent((endedAt ?? now) - startedAt),
            }}
          />
        ))}
      </div>
      <div className="timeline-ends">
        <span>{formatClock(log.visitStartedAt)}</span>
        <span>now</span>
      </div>
    </div>
  );
}
