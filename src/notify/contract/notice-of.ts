import { createHash } from 'node:crypto';
import { wallIso } from '../../time/iso.ts';
import { appArgument } from '../../text/shell-word.ts';
import { MAX_APPS, type Notice, type NoticeApp, type NoticeEvent } from '../message/notice.ts';
import type { PlanFacts } from './facts.ts';
import type { EndedEntry, Ledger, LedgerEntry } from './ledger.ts';
import { worstOf } from './recipients.ts';

/** An incident in a message; one that is over with its end. */
export type Item = { readonly entry: LedgerEntry } & Partial<
  Pick<EndedEntry, 'end' | 'endedAt' | 'downtimeMs'>
>;

/** A sink that keeps each incident by itself gets this many: no monitor watches more. */
export const ALL_APPS = 5_000;

/** The message about these incidents, the worst and then the oldest first. Not empty. */
export function noticeOf(
  event: NoticeEvent,
  items: readonly Item[],
  { now, host }: Pick<PlanFacts, 'now' | 'host'>,
  mostApps: number = MAX_APPS,
): Notice {
  const rank = ({ entry }: Item): number => (entry.severity === 'critical' ? 0 : 1);
  const sorted = items.toSorted(
    (a, b) => rank(a) - rank(b) || a.entry.detectedAt - b.entry.detectedAt,
  );
  return {
    schemaVersion: 1,
    id: idOf(event, sorted),
    event,
    severity: event === 'fixed' ? 'info' : worstOf(sorted.map(({ entry }) => entry.severity)),
    host,
    at: wallIso(now),
    apps: sorted.slice(0, mostApps).map(appOf),
    moreApps: Math.max(0, sorted.length - mostApps),
    text: null,
  };
}

/** All that was reported to a channel and lasts, for one that forgets what is not repeated; null where nothing does. */
export function firingNotice(
  { entries, ended }: Ledger,
  channel: string,
  facts: Pick<PlanFacts, 'now' | 'host'>,
): Notice | null {
  // An end that waits for others is no end yet.
  const all = [...entries, ...ended.map(({ entry }) => entry)];
  const firing = all.filter(
    ({ sentTo, reportedBefore }) => sentTo.includes(channel) || reportedBefore.includes(channel),
  );
  return firing.length === 0
    ? null
    : noticeOf(
        'reminder',
        firing.map((entry) => ({ entry })),
        facts,
        ALL_APPS,
      );
}

/** The same for the same incidents: a monitor that was killed before it wrote what it sends makes it again. */
function idOf(event: NoticeEvent, items: readonly Item[]): string {
  const hash = createHash('sha256').update(event);
  for (const { entry } of items) {
    const { key, incident, severity, remindedAt, reopenedAt } = entry;
    const time = event === 'reminder' ? remindedAt : 0;
    hash.update(
      JSON.stringify([key, incident, severity, time, ...(reopenedAt ? [reopenedAt] : [])]),
    );
  }
  return hash.digest('hex').slice(0, 24);
}

function appOf({ entry, end, endedAt, downtimeMs }: Item): NoticeApp {
  const { app, instance, incident, cause, reason, detail, done, next, diagnosis } = entry;
  const { openedAt, detectedAt, restarts, severityBefore } = entry;
  return {
    app,
    instance: instance === 0 && !entry.isOneOfMany ? null : instance,
    incident,
    cause,
    reason,
    detail,
    openedAt: wallIso(openedAt),
    detectedAt: wallIso(detectedAt),
    resolvedAt: endedAt === undefined ? null : wallIso(endedAt),
    downtimeMs: downtimeMs ?? null,
    end: end ?? null,
    severity: endedAt !== undefined && entry.firedAs === null ? 'info' : entry.severity,
    ...(severityBefore && {
      severityBefore: { severity: severityBefore.severity, at: wallIso(severityBefore.at) },
    }),
    restarts,
    done: end === undefined || end === 'recovered' ? done : [...done, ENDS[end] ?? end],
    next: end === undefined ? next : null,
    diagnosis,
    command:
      cause === 'monitor'
        ? 'npx pm2-liveness doctor'
        : `npx pm2-liveness describe ${appArgument(app)}`,
  };
}

/** An incident can end without a good answer. */
const ENDS: Readonly<Record<string, string>> = {
  stopped: 'stopped in PM2',
  deleted: 'deleted from PM2',
  unwatched: 'no longer watched',
  paused: 'paused by the operator',
  debugged: 'stopped in a debugger',
};
