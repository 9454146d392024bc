import { formatAgo, formatDuration, formatWholeSeconds } from '../time/format-time.ts';
import { useNow } from '../time/use-now.ts';
import { CheckStrip } from './check-strip.tsx';
import { openOutage } from './outage-log.ts';
import type { OutageLog } from './outage-log.ts';
import { OutageList } from './outage-list.tsx';
import { OutageTimeline } from './outage-timeline.tsx';
import './server-panel.css';
import type { ServerStatus } from './use-server-status.ts';

/** What the page has seen of its dev server in this visit. */
export function ServerPanel({ server }: { readonly server: ServerStatus }) {
  const { isUp, log, samples } = server;
  // The clock of the seconds may be a moment older than the newest sample.
  const now = Math.max(useNow(), log.outages[0]?.endedAt ?? log.outages[0]?.startedAt ?? 0);
  const open = openOutage(log);

  return (
    <section className="panel" aria-labelledby="panel-title">
      <div>
        <h2 id="panel-title">Dev server</h2>
        <p className="panel-state">
          <strong>{isUp ? 'Answering' : 'Not answering'}</strong>
          <span>
            {open === undefined
              ? lastAnswer(server)
              : `for ${formatWholeSeconds(now - open.startedAt)}`}
          </span>
        </p>
        <CheckStrip samples={samples} />
        <dl className="panel-stats">
          <Stat name="Outages" value={String(log.count)} />
          <Stat name="Time down" value={timeDown(log, now)} />
          <Stat name="Last one" value={lastOne(log, now)} />
        </dl>
      </div>
      <div>
        <h3>This visit</h3>
        <OutageTimeline log={log} now={now} />
        <OutageList log={log} now={now} />
      </div>
    </section>
  );
}

function Stat({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function lastAnswer({ samples }: ServerStatus): string {
  const latest = samples.at(-1);
  return latest?.failure === null ? `in ${Math.max(1, latest.tookMs)} ms` : 'just back';
}

function timeDown(log: OutageLog, now: number): string {
  if (log.count === 0) return 'none';
  const open = openOutage(log);
  return formatDuration(log.endedDownMs + (open === undefined ? 0 : now - open.startedAt));
}

function lastOne(log: OutageLog, now: number): string {
  const newest = log.outages[0];
  if (newest === undefined) return 'none';
  return newest.endedAt === null ? 'now' : formatAgo(now - newest.endedAt);
}
