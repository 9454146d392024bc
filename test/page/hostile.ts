import { ago, facts, HOUR, incident, MINUTE, status, target } from './made-up.ts';

/** What would run, if it were not shown as text. */
export const EVIL = '"><script>alert(1)</script><img src=x onerror=alert(2)>';

/** A field of a later version. */
const DIAGNOSIS = { diagnosis: { stack: [EVIL, EVIL] } };

/** The same text in every place that others can choose. */
export const hostile = facts(
  status(
    [
      target(EVIL, {
        state: 'degraded',
        summary: EVIL,
        next: { what: EVIL, at: ago(-MINUTE) },
        probe: { type: 'exec', target: EVIL, periodMs: 1, timeoutMs: 1 },
        last: { ok: false, class: EVIL, detail: EVIL, durationMs: 1, at: EVIL },
        incident: { since: ago(HOUR), cause: EVIL, detail: EVIL, restarts: 1 },
        portNote: EVIL,
        releaseNote: EVIL,
        heldBy: EVIL,
        pm2Restarts: [{ at: ago(HOUR), cause: 'crash', detail: EVIL, count: 2 }],
      }),
    ],
    {
      problems: [EVIL],
      unwatched: [EVIL],
      misconfigured: [{ name: EVIL, problems: [EVIL] }] as never,
    },
  ),
  [
    incident(EVIL, HOUR, null, {
      class: EVIL,
      detail: EVIL,
      trail: [{ at: ago(HOUR), text: EVIL }],
      actions: [{ at: ago(HOUR), method: EVIL, result: EVIL, detail: EVIL }],
      ...(DIAGNOSIS as object),
    }),
  ],
);
