import { singleLine } from '../../text/single-line.ts';
import type { Notice, NoticeApp } from './notice.ts';
import { plainTextOf } from './plain-text.ts';

const MAX_TEXT = 4_000;

/** What webhooks and commands receive: the notice, and the same in words. Its form: `webhookSchema`. */
export interface WebhookDocument extends Notice {
  /** At most 60 characters. */
  readonly subject: string;
  /** The message in words, at most 4000 characters. */
  readonly message: string;
}

/** The document for a notice, at most about 60 KiB: each of its texts is one bounded line. */
export function webhookDocumentOf(notice: Notice): WebhookDocument {
  const { subject, body } = plainTextOf(notice, MAX_TEXT);
  const { schemaVersion, id, event, severity, host, at, apps, moreApps, text } = notice;
  return {
    schemaVersion,
    id,
    event,
    severity,
    host: singleLine(host),
    at,
    subject,
    message: body,
    text: text === null ? null : singleLine(text, 600),
    apps: apps.map((app) => appOf(app, severity)),
    moreApps,
  };
}

function appOf(app: NoticeApp, severity: Notice['severity']): DocumentApp {
  return {
    app: singleLine(app.app),
    instance: app.instance,
    incident: app.incident,
    cause: app.cause,
    severity: app.severity ?? severity,
    reason: singleLine(app.reason),
    detail: singleLine(app.detail, 300),
    openedAt: app.openedAt,
    detectedAt: app.detectedAt,
    resolvedAt: app.resolvedAt,
    downtimeMs: app.downtimeMs,
    end: app.end ?? null,
    restarts: app.restarts,
    done: app.done.slice(-20).map((deed) => singleLine(deed, 300)),
    next: app.next === null ? null : singleLine(app.next, 300),
    diagnosis: app.diagnosis === null ? null : singleLine(app.diagnosis, 600),
    command: singleLine(app.command, 400),
  };
}

/** What a receiver gets of an app. */
type DocumentApp = Omit<NoticeApp, 'severityBefore'>;

const TEXT = { type: 'string' } as const;
const TEXT_OR_NULL = { type: ['string', 'null'] } as const;
const TIME = { type: 'string', format: 'date-time' } as const;
const SEVERITY = { enum: ['info', 'warning', 'critical'] } as const;

const APP = {
  app: { ...TEXT, description: "the app's name in PM2" },
  instance: { type: ['integer', 'null'], description: 'in cluster mode, where it is about one' },
  incident: { ...TEXT, description: 'the id of the incident in `pm2-liveness events --json`' },
  cause: { ...TEXT, description: 'refused, timeout, status, unstable, lost, …' },
  severity: {
    ...SEVERITY,
    description: 'of this incident, the same when it opens and when it ends',
  },
  reason: { ...TEXT, description: 'the cause in words: no answer (3 of 3 checks)' },
  detail: TEXT,
  openedAt: TIME,
  detectedAt: TIME,
  resolvedAt: { type: ['string', 'null'], format: 'date-time', description: 'null while it lasts' },
  downtimeMs: { type: ['number', 'null'] },
  end: { ...TEXT_OR_NULL, description: 'recovered, stopped, deleted, …; null while it lasts' },
  restarts: { type: 'integer', minimum: 0 },
  done: { type: 'array', items: TEXT },
  next: TEXT_OR_NULL,
  diagnosis: TEXT_OR_NULL,
  command: { ...TEXT, description: 'to type on that machine' },
} as const satisfies Record<keyof DocumentApp, unknown>;

const DOCUMENT = {
  schemaVersion: { const: 1 },
  id: { ...TEXT, description: 'the same at every retry' },
  event: { enum: ['opened', 'reminder', 'resolved', 'fixed', 'monitor', 'test'] },
  severity: SEVERITY,
  host: TEXT,
  at: TIME,
  subject: { type: 'string', maxLength: 60 },
  message: { type: 'string', maxLength: MAX_TEXT },
  text: { ...TEXT_OR_NULL, description: 'only of `monitor` and `test`' },
  apps: {
    type: 'array',
    items: { type: 'object', properties: APP, required: Object.keys(APP) },
  },
  moreApps: { type: 'integer', minimum: 0, description: 'how many apps are not in `apps`' },
} as const satisfies Record<keyof WebhookDocument, unknown>;

/** The JSON Schema of the document. Later versions 1 may add properties, and change or drop none. */
export const webhookSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'A notice of pm2-liveness',
  type: 'object',
  properties: DOCUMENT,
  required: Object.keys(DOCUMENT),
};
