import { formatClock, formatDuration, formatWholeSeconds } from '../time/format-time.ts';
import type { Outage, OutageLog } from './outage-log.ts';
import { FAILURES } from './sample.ts';

const SHOWN = 5;

interface OutageListProps {
  readonly log: OutageLog;
  readonly now: number;
}

/** The newest outages: from when, for how long, and how the first failed check failed. */
export function OutageList({ log, now }: OutageListProps) {
  if (log.count === 0) {
    return <p className="outages-none">No outage since you opened this page.</p>;
  }

  return (
    <>
      <ol className="outages" aria-label="Outages, newest first">
        {log.outages.slice(0, SHOWN).map((outage) => (
          <OutageRow key={outage.startedAt} outage={outage} now={now} />
        ))}
      </ol>
      {log.count > SHOWN && <p className="outages-none">and {log.count - SHOWN} earlier</p>}
    </>
  );
}

function OutageRow({ outage, now }: { readonly outage: Outage; readonly now: number }) {
  const { startedAt, endedAt, failure } = outage;
  return (
    <li data-open={endedAt === null}>
      <time dateTime={new Date(startedAt).toISOString()}>{formatClock(startedAt)}</time>
      <span>{FAILURES[failure]}</span>
      <strong>
        {endedAt === null
          ? `${formatWholeSeconds(now - startedAt)}, still down`
          : formatDuration(endedAt - startedAt)}
      </strong>
    </li>
  );
}
