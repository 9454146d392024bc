import { systemClock } from '../../time/clock.ts';
import { singleLine } from '../../text/single-line.ts';
import type { Notice, NoticeApp } from '../message/notice.ts';
import { headlineOf, subjectOf } from '../message/subject.ts';
import { factsOf, textOf } from '../message/facts.ts';
import { type KindOfChannel } from './entry.ts';
import { httpPost } from './http-post.ts';
import { resultOf } from './http-result.ts';
import { loginOf, webAddressOf } from './web-address.ts';

/** How often a firing alert is sent again, as Prometheus does every minute. */
const REPEAT_MS = 60_000;
/** An alert that is not sent again ends by itself, also when this machine is gone; Prometheus waits as long. */
const EXPIRES_MS = 4 * REPEAT_MS;

/** Alertmanager's API v2. It groups, routes and silences by itself. */
export const alertmanager: KindOfChannel = {
  settings: ['token'],
  example: 'alertmanager:http://localhost:9093',
  create(entry) {
    const address = webAddressOf(entry, alertmanager.example);
    const { url, endpoint, secrets } = address;
    if (!url.pathname.endsWith('/api/v2/alerts')) {
      url.pathname = `${url.pathname.replace(/\/+$/, '')}/api/v2/alerts`;
    }
    const headers = loginOf(entry, address);
    const isForWarnings = entry.settings.get('severity') !== 'critical';
    return {
      shown: url.host,
      endpoint,
      secrets,
      repeatMs: REPEAT_MS,
      async send(notice, signal) {
        const alerts = alertsOf(notice).filter(
          ({ labels }) => labels['severity'] !== 'warning' || isForWarnings,
        );
        // What was fixed by itself never fired.
        if (alerts.length === 0) return { kind: 'sent', answer: 'nothing fires' };
        const body = JSON.stringify(alerts);
        return resultOf(await httpPost({ url, headers, body }, signal));
      },
    };
  },
};

/** An alert of the API; its labels are what it is known by, so they are the same when it ends. */
interface Alert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly startsAt: string;
  readonly endsAt: string;
}

/** One alert for each app. `fixed` has none. */
export function alertsOf(notice: Notice, now = systemClock.wall()): readonly Alert[] {
  const { event, apps } = notice;
  if (event === 'fixed') return [];
  if (apps.length > 0) {
    return apps.flatMap((app) => [...alertBefore(app, notice, now), alertOf(app, notice, now)]);
  }
  const name = event === 'test' ? 'PM2LivenessTest' : 'PM2LivenessMonitor';
  // "It works again" ends the alert that said it does not; alone it would fire.
  const isOver = event === 'monitor' && notice.severity === 'info';
  return [
    {
      labels: labelsOf(name, notice, isOver ? 'critical' : notice.severity),
      annotations: { summary: subjectOf(notice), description: textOf(notice) ?? '' },
      startsAt: notice.at,
      endsAt: isOver ? notice.at : new Date(now + EXPIRES_MS).toISOString(),
    },
  ];
}

/**
 * Ends the alert that had another severity: for Alertmanager the two are different alerts. Not for longer than it would
 * fire by itself.
 */
function alertBefore(app: NoticeApp, notice: Notice, now: number): readonly Alert[] {
  const { severityBefore: before } = app;
  if (before === undefined || now - Date.parse(before.at) >= EXPIRES_MS) return [];
  const { severity, at } = before;
  return [alertOf({ ...app, severity, resolvedAt: at }, notice, now)];
}

function alertOf(app: NoticeApp, notice: Notice, now: number): Alert {
  const facts = factsOf(app).map(({ label, value }) => `${label}: ${value}`);
  const name = app.cause === 'monitor' ? 'PM2LivenessMonitor' : 'PM2AppDown';
  const endsAt =
    app.resolvedAt === null ? now + EXPIRES_MS : Math.min(Date.parse(app.resolvedAt), now);
  return {
    labels: {
      ...labelsOf(name, notice, app.severity ?? notice.severity),
      app: singleLine(app.app),
      ...(app.instance !== null && { instance: String(app.instance) }),
    },
    annotations: {
      summary: singleLine(headlineOf(app, notice.event)),
      description: facts.join('\n'),
      command: app.command,
    },
    ...timesOf(Date.parse(app.openedAt), endsAt),
  };
}

/** A clock that was set back since leaves times in the future: an alert would fire until then, or be refused. */
function timesOf(from: number, to: number): Pick<Alert, 'startsAt' | 'endsAt'> {
  const startsAt = new Date(Math.min(from, to)).toISOString();
  return { startsAt, endsAt: new Date(to).toISOString() };
}

function labelsOf(
  alertname: string,
  { host }: Notice,
  severity: Notice['severity'],
): Readonly<Record<string, string>> {
  return { alertname, host: singleLine(host), severity, job: 'pm2-liveness' };
}
