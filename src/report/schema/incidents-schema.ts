import { z } from 'zod';
import { time } from './status-schema.ts';

/** The form of what `/api/incidents` answers (`IncidentsDocument`). */
export const incidentsForm = z
  .looseObject({
    schemaVersion: z.literal(1),
    incidents: z.array(
      z.looseObject({
        app: z.string(),
        instance: z.int(),
        id: z.string(),
        record: z.looseObject({
          openedAt: time,
          detectedAt: time,
          class: z.string(),
          detail: z.string(),
          resolvedAt: time.nullable(),
          end: z.string().nullable(),
          downtimeMs: z.number().nullable(),
          restarts: z.int(),
          actions: z.array(
            z.looseObject({
              at: time,
              method: z.string(),
              result: z.string(),
              detail: z.string(),
            }),
          ),
          trail: z.array(z.looseObject({ at: time, text: z.string() })),
          errorLog: z.null(),
          diagnosis: z.array(z.string()).optional(),
        }),
      }),
    ),
    isCut: z.boolean(),
  })
  .meta({ title: 'Incidents of the apps that pm2-liveness watches' });

/** The same as JSON Schema. */
export function incidentsSchema(): object {
  return z.toJSONSchema(incidentsForm);
}
