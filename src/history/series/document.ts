import { parseSince } from '../../config/schema/since.ts';
import { didYouMean } from '../../text/nearest.ts';
import { wallIso } from '../../time/iso.ts';
import type { HistoryBucket, HistoryName, HistoryReader } from './history.ts';
import { LEVELS, LONGEST_HISTORY_MS, type HistoryStep } from './steps.ts';

/** What was asked for; each is optional, as it stands in the URL. */
export interface HistoryQuery {
  /** The name of an app; all without it. */
  readonly app?: string | undefined;
  /** `1m`, `15m` (default) or `1h`. */
  readonly step?: string | undefined;
  /** A duration that ends now (`24h`) or a time in ISO 8601; all that the series has without it. */
  readonly since?: string | undefined;
}

/** What `/api/history` answers. Its form: `historySchema`. */
export interface HistoryDocument {
  readonly schemaVersion: 1;
  /** ISO 8601. */
  readonly at: string;
  readonly step: HistoryStep;
  /** The length of a bucket in milliseconds. */
  readonly stepMs: number;
  readonly apps: readonly HistoryOfApp[];
}

interface HistoryOfApp {
  readonly app: string;
  readonly instance: number;
  /** Oldest first, without gaps. */
  readonly buckets: readonly HistoryBucket[];
}

/** The document, or why there is none, with the status of HTTP. */
export type HistoryAnswer =
  | { readonly ok: true; readonly document: HistoryDocument }
  | { readonly ok: false; readonly status: 400 | 404; readonly message: string };

const DEFAULT_STEP = '15m';

/** More buckets in one answer would take the one thread too long: 100 apps by quarter hours are fewer. */
const MOST_BUCKETS = 20_000;

/** Answers a query; `now` in epoch milliseconds. Never throws. */
export function historyDocument(
  reader: HistoryReader,
  { app, step = DEFAULT_STEP, since }: HistoryQuery,
  now: number,
): HistoryAnswer {
  const level = LEVELS.find((each) => each.step === step);
  if (level === undefined) return refused(400, 'step: write 1m, 15m or 1h');
  const from =
    since === undefined ? undefined : parseSince(since, now, { maxMs: LONGEST_HISTORY_MS });
  if (from === null) {
    return refused(
      400,
      'since: write a duration of at most 90 days, like 24h, or an ISO 8601 time',
    );
  }
  const all = reader.names();
  const wanted = app === undefined ? all : all.filter(({ name }) => name === app);
  if (app !== undefined && wanted.length === 0) return refused(404, unknownApp(app, all));
  const each = Math.min(level.capacity, (now - (from ?? 0)) / level.ms + 1);
  if (each * wanted.length > MOST_BUCKETS) return refused(400, TOO_MUCH);
  const apps = wanted.flatMap(({ name, instance }): HistoryOfApp[] => {
    const buckets = reader.of(name, instance)?.series(level.step, from);
    return buckets === undefined ? [] : [{ app: name, instance, buckets }];
  });
  const document = {
    schemaVersion: 1,
    at: wallIso(now),
    step: level.step,
    stepMs: level.ms,
    apps,
  } as const;
  return { ok: true, document };
}

const TOO_MUCH = 'too much for one answer: ask for one app, for less time (since) or a longer step';

function refused(status: 400 | 404, message: string): HistoryAnswer {
  return { ok: false, status, message };
}

function unknownApp(app: string, known: readonly HistoryName[]): string {
  const names = [...new Set(known.map(({ name }) => name))];
  return `no history of an app with this name; ${didYouMean(app, names, 'see /api/history')}`;
}

const MS = { type: 'number', minimum: 0 } as const;
const MS_OR_NULL = {
  type: ['number', 'null'],
  description: 'of good answers, within 15 %',
} as const;
const COUNT = { type: 'integer', minimum: 0 } as const;

const BUCKET = {
  from: { type: 'integer', description: 'when it begins, epoch milliseconds' },
  upMs: { ...MS, description: 'seen to answer well' },
  downMs: { ...MS, description: 'seen not to answer well' },
  unobservedMs: { ...MS, description: 'the rest of the bucket: nobody was able to say' },
  checks: { ...COUNT, description: 'probes that brought an answer, good or bad' },
  p50Ms: MS_OR_NULL,
  p95Ms: MS_OR_NULL,
  maxMs: MS_OR_NULL,
} as const satisfies Record<keyof HistoryBucket, unknown>;

const APP = {
  app: { type: 'string', description: "the app's name in PM2" },
  instance: COUNT,
  buckets: {
    type: 'array',
    description: 'oldest first, without gaps; the last one is not over',
    items: { type: 'object', properties: BUCKET, required: Object.keys(BUCKET) },
  },
} as const satisfies Record<keyof HistoryOfApp, unknown>;

const DOCUMENT = {
  schemaVersion: { const: 1 },
  at: { type: 'string', format: 'date-time' },
  step: { enum: LEVELS.map(({ step }) => step) },
  stepMs: { enum: LEVELS.map(({ ms }) => ms) },
  apps: {
    type: 'array',
    items: { type: 'object', properties: APP, required: Object.keys(APP) },
  },
} as const satisfies Record<keyof HistoryDocument, unknown>;

/** The JSON Schema of the document. Later versions 1 may add properties, and change or drop none. */
export const historySchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'The history of apps, by pm2-liveness',
  type: 'object',
  properties: DOCUMENT,
  required: Object.keys(DOCUMENT),
};
