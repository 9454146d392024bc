import type { Notice, NoticeEvent } from '../../../src/notify/message/notice.ts';

/** A message about one app, at the time at which the fake clock begins. */
export function noticeOfTest(id: string, event: NoticeEvent = 'opened'): Notice {
  const at = new Date(1_700_000_000_000).toISOString();
  return {
    schemaVersion: 1,
    id,
    event,
    severity: 'critical',
    host: 'box',
    at,
    apps: [
      {
        app: 'web',
        instance: null,
        incident: 'lp0abc',
        cause: 'timeout',
        reason: 'no answer (3 of 3 checks)',
        detail: 'no answer within 2000 ms',
        openedAt: at,
        detectedAt: at,
        resolvedAt: null,
        downtimeMs: null,
        restarts: 2,
        done: [],
        next: 'one trial restart (12:30)',
        diagnosis: null,
        command: 'npx pm2-liveness describe web',
      },
    ],
    moreApps: 0,
    text: null,
  };
}
