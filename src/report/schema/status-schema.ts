import { z } from 'zod';

/** A time of a document: ISO 8601, in UTC. */
export const time = z.iso.datetime();

const figures = z.looseObject({
  availability: z.number().min(0).max(1).nullable(),
  observedMs: z.number(),
  downMs: z.number(),
  incidents: z.int(),
  restarts: z.int(),
  meanTimeToRecoverMs: z.number().nullable(),
});

const monitor = z.looseObject({
  version: z.string(),
  pid: z.int(),
  since: time,
  state: z.enum(['active', 'standby', 'unfit']),
  unfit: z.string().nullable(),
  history: z.looseObject({ isKept: z.boolean(), why: z.string().nullable() }).nullable(),
  lastRoundAt: time.nullable().optional(),
});

const notes = {
  unknown: z.looseObject({ cause: z.enum(['monitor', 'check']), detail: z.string() }).optional(),
  portNote: z.string().optional(),
  diagnosis: z.array(z.string()).optional(),
  releaseNote: z.string().optional(),
  deploy: z.looseObject({ reason: z.string(), since: time, until: time.nullable() }).optional(),
  heldBy: z.string().optional(),
  slow: z.looseObject({ medianMs: z.number(), limitMs: z.number(), answers: z.int() }).optional(),
  certificate: z.looseObject({ expires: time }).optional(),
  dependsOn: z
    .array(
      z.looseObject({
        name: z.string(),
        state: z.enum(['up', 'down', 'unknown', 'missing']),
        detail: z.string(),
      }),
    )
    .optional(),
};

const lastSample = z.looseObject({
  ok: z.boolean().nullable(),
  class: z.string().nullable(),
  detail: z.string(),
  durationMs: z.number(),
  at: time,
  timings: z.record(z.string(), z.number()).optional(),
});

const target = z.looseObject({
  name: z.string(),
  instance: z.int(),
  pmId: z.int(),
  pid: z.int(),
  instances: z.looseObject({ online: z.int(), all: z.int() }).nullable(),
  state: z.enum([
    'starting',
    'healthy',
    'failing',
    'restarting',
    'backoff',
    'open',
    'halfOpen',
    'degraded',
    'paused',
    'unknown',
  ]),
  since: time,
  summary: z.string(),
  next: z.looseObject({ what: z.string(), at: time.nullable() }),
  probe: z.looseObject({
    type: z.string(),
    target: z.string(),
    periodMs: z.number(),
    timeoutMs: z.number(),
  }),
  last: lastSample.nullable(),
  failures: z.int(),
  threshold: z.int(),
  blockFrom: z.literal('watched.json').optional(),
  restarts: z.looseObject({
    used: z.int(),
    limit: z.int(),
    withinMs: z.number(),
    total: z.int(),
  }),
  pm2Restarts: z
    .array(z.looseObject({ at: time, cause: z.string(), detail: z.string(), count: z.int() }))
    .optional(),
  incident: z
    .looseObject({ since: time, cause: z.string(), detail: z.string(), restarts: z.int() })
    .nullable(),
  uptime: z.looseObject({ '1h': figures, '24h': figures, '7d': figures }),
  ...notes,
});

const notifications = z.looseObject({
  channels: z.array(
    z.looseObject({
      name: z.string(),
      shown: z.string(),
      waiting: z.int(),
      sent: z.int(),
      failed: z.int(),
      problem: z.string().nullable(),
      lastSentAt: time.nullable(),
    }),
  ),
  ping: z
    .looseObject({
      shown: z.string(),
      lastOkAt: time.nullable(),
      problem: z.string().nullable(),
    })
    .nullable(),
});

/** The form of the status document (`StatusDocument`). Later versions 1 may add fields. */
export const statusForm = z
  .looseObject({
    schemaVersion: z.literal(1),
    monitor,
    targets: z.array(target),
    misconfigured: z.array(
      z.looseObject({
        name: z.string(),
        pmId: z.int(),
        isWatched: z.boolean(),
        message: z.string(),
        effect: z.string().optional(),
      }),
    ),
    unwatched: z.array(z.string()).optional(),
    notifications: notifications.optional(),
    listener: z
      .looseObject({ url: z.string(), isGuarded: z.boolean(), problem: z.string().nullable() })
      .optional(),
    problems: z.array(z.string()),
  })
  .meta({ title: 'The status of pm2-liveness and of the apps that it watches' });

/** The same as JSON Schema. */
export function statusSchema(): object {
  return z.toJSONSchema(statusForm);
}
