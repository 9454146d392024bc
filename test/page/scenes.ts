import type { PageFacts } from '../../src/page/page-facts.ts';
import { ago, DAY, facts, history, HOUR, incident, MINUTE, status, target } from './made-up.ts';

const OPEN = {
  since: ago(7 * MINUTE),
  cause: 'timeout',
  detail: 'no answer within 3s',
  restarts: 2,
};
const LAST = {
  ok: false,
  class: 'timeout',
  detail: 'no answer within 3s',
  durationMs: 3_000,
  at: ago(2_000),
};
const failing = { last: LAST, incident: OPEN, failures: 3 } as const;

/** The app `web` in a state, beside one that is up. */
function withWeb(
  other: Parameters<typeof target>[1],
  line = incident('web', 7 * MINUTE, null),
): PageFacts {
  const histories = {
    web: history([
      { fromAgo: 7 * MINUTE, ms: 7 * MINUTE },
      { fromAgo: 9 * HOUR, ms: 20 * MINUTE },
    ]),
    api: history([{ fromAgo: 3 * DAY, ms: 2 * HOUR, isUnseen: true }], 40),
  };
  return facts(
    status([target('web', other), target('api')]),
    [incident('api', 30 * HOUR, MINUTE), line],
    histories,
  );
}

/** A state of the page, and how its first sentence begins. */
export const SCENES: readonly (readonly [name: string, sentence: string, PageFacts])[] = [
  ['starting', 'The monitor is starting.', facts(status([], {}, { lastRoundAt: null }))],
  ['empty', 'No app is watched yet.', facts(status([], { unwatched: ['shop', 'worker'] }))],
  [
    'standby',
    'Another monitor leads here.',
    facts(status([], {}, { state: 'standby', history: null, lastRoundAt: null })),
  ],
  [
    'app-starting',
    'web is starting',
    withWeb({
      state: 'starting',
      since: ago(4_000),
      summary: 'starting (not answered yet, 1m56s left)',
      last: null,
    }),
  ],
  [
    'failing',
    'web is failing.',
    withWeb({
      state: 'failing',
      summary: 'failing 1/3 (no answer within 3s)',
      last: LAST,
      failures: 1,
    }),
  ],
  [
    'restarting',
    'web is down.',
    withWeb({
      ...failing,
      state: 'restarting',
      summary: 'restarting: 3 of 3 checks timed out',
      next: { what: 'the restart ends', at: null },
    }),
  ],
  [
    'backoff',
    'web is down.',
    withWeb({
      ...failing,
      state: 'backoff',
      summary: 'down: restart again in 8s',
      next: { what: 'restarted again', at: ago(-8_000) },
    }),
  ],
  [
    'gave-up',
    'web is down.',
    withWeb({
      ...failing,
      state: 'open',
      summary: 'gave up: 2 restarts did not help',
      next: { what: 'one trial restart', at: ago(-14 * MINUTE) },
    }),
  ],
  [
    'trial',
    'web is down.',
    withWeb({
      ...failing,
      state: 'halfOpen',
      summary: 'trial restart: waits for its first answer',
    }),
  ],
  [
    'degraded',
    'web is degraded.',
    withWeb({
      ...failing,
      state: 'degraded',
      summary: 'degraded: 401 is no fault that a restart can fix',
      next: { what: 'checked again', at: ago(-5_000) },
    }),
  ],
  [
    'unknown',
    'It is not known how web is.',
    withWeb({ state: 'unknown', summary: 'not known: its check gives no result', last: null }),
  ],
  [
    'paused',
    'api is up.',
    withWeb({
      state: 'paused',
      summary: 'paused by an operator',
      next: { what: 'nothing until it is resumed', at: null },
    }),
  ],
  [
    'unfit',
    'The monitor cannot judge now.',
    {
      ...withWeb({}),
      status: status(
        [target('web'), target('api')],
        {},
        { state: 'unfit', unfit: 'the machine was suspended' },
      ),
    },
  ],
  [
    'back',
    'All 2 apps are up.',
    withWeb({ since: ago(3_000) }, incident('web', 7 * MINUTE, 6 * MINUTE)),
  ],
];
