import type { Notice, NoticeApp } from '../../src/notify/message/notice.ts';

/** What an app may write into its name, its answers and its errors. */
export const HOSTILE =
  '<script>alert(1)</script> <!channel> @everyone **b** [x](http://evil/) `c` "q" \'s\' & \u001B[31mred\u202Egnp.exe\r\nBcc: x@y.z';

/** An app that is down, of which only what matters is given. */
export function appDown(given: Partial<NoticeApp> = {}): NoticeApp {
  return {
    app: 'web',
    instance: null,
    incident: 'i-1',
    cause: 'timeout',
    reason: 'no answer (3 of 3 checks)',
    detail: 'no answer within 5000 ms',
    openedAt: '2026-11-28T03:12:04.000Z',
    detectedAt: '2026-11-28T03:12:09.000Z',
    resolvedAt: null,
    downtimeMs: null,
    severity: 'critical',
    restarts: 2,
    done: ['03:12:10 restarted as pid 4711', '03:12:40 restarted as pid 4720'],
    next: 'one trial restart at 03:27:40',
    diagnosis: 'its main thread is busy in loop (server.js:12)',
    command: 'npx pm2-liveness describe web',
    ...given,
  };
}

/** A notice about `web`, of which only what matters is given. */
export function notice(given: Partial<Notice> = {}): Notice {
  return {
    schemaVersion: 1,
    id: 'n-1',
    event: 'opened',
    severity: 'critical',
    host: 'server1',
    at: '2026-11-28T03:12:45.000Z',
    apps: [appDown()],
    moreApps: 0,
    text: null,
    ...given,
  };
}

/** The notice when it is over. */
export function resolved(given: Partial<NoticeApp> = {}): Notice {
  const end = {
    resolvedAt: '2026-11-28T03:24:04.000Z',
    downtimeMs: 720_000,
    end: 'recovered',
    next: null,
  };
  return notice({ id: 'n-2', event: 'resolved', apps: [appDown({ ...end, ...given })] });
}

/** Ten apps with the longest and worst texts, and 20 more. */
export function hugeNotice(): Notice {
  const long = HOSTILE.repeat(200);
  const apps = Array.from({ length: 10 }, (_, index) =>
    appDown({
      app: `${index}${long}`,
      reason: long,
      detail: `${long}.`,
      done: Array.from({ length: 50 }, () => long),
      next: long,
      diagnosis: long,
      command: `npx pm2-liveness describe '${long}'`,
    }),
  );
  return notice({ apps, moreApps: 20, host: long, text: null });
}

/** Every notice that a channel may have to send. */
export const ALL_NOTICES: readonly Notice[] = [
  notice(),
  resolved(),
  notice({ event: 'reminder' }),
  notice({ event: 'fixed', severity: 'info', apps: resolved().apps }),
  notice({ event: 'monitor', apps: [], text: HOSTILE.repeat(30) }),
  notice({ event: 'test', severity: 'info', apps: [], text: 'This is a test.' }),
  notice({
    apps: [appDown(), appDown({ app: 'api', cause: 'unstable' }), appDown({ instance: 2 })],
  }),
  hugeNotice(),
  { ...hugeNotice(), event: 'resolved' },
];
