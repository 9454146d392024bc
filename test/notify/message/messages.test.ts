import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { htmlOf } from '../../../src/notify/message/html.ts';
import { plainTextOf, wholeTextOf } from '../../../src/notify/message/plain-text.ts';
import { subjectOf } from '../../../src/notify/message/subject.ts';
import type { Notice } from '../../../src/notify/message/notice.ts';
import { ALL_NOTICES, HOSTILE, appDown, hugeNotice, notice, resolved } from '../notices.ts';

describe('a subject', () => {
  const several = (count: number, given = {}): Notice =>
    notice({
      apps: Array.from({ length: Math.min(count, 10) }, (_, index) =>
        appDown({ app: `app-${index + 1}`, ...given }),
      ),
      moreApps: Math.max(0, count - 10),
    });
  for (const [wanted, given] of [
    ['web is down: no answer (3 of 3 checks)', notice()],
    ['web is still down: no answer (3 of 3 checks)', notice({ event: 'reminder' })],
    ['web is up again after 12m', resolved()],
    ['web was stopped in PM2', resolved({ end: 'stopped' })],
    ['web was deleted from PM2', resolved({ end: 'deleted' })],
    ['web is no longer checked', resolved({ end: 'unwatched' })],
    ['web is up again', resolved({ downtimeMs: null })],
    ['web was restarted and is up again after 12m', { ...resolved(), event: 'fixed' }],
    ['web 2 is down: no answer (3 of 3 checks)', notice({ apps: [appDown({ instance: 2 })] })],
    [
      'web is unstable: restarted 5 times in 10m',
      notice({ apps: [appDown({ cause: 'unstable', reason: 'restarted 5 times in 10m' })] }),
    ],
    [
      'web still has an error in its code: no module x',
      notice({ event: 'reminder', apps: [appDown({ cause: 'source', reason: 'no module x' })] }),
    ],
    ['3 apps are down: app-1, app-2, app-3', several(3)],
    ['30 apps are down: app-1, app-2, app-3, app-4 and 26 more', several(30)],
    ['2 apps have a problem: app-1, app-2', several(2, { cause: 'unstable' })],
    [
      '2 apps are up again: app-1, app-2',
      { ...several(2, { end: 'recovered' }), event: 'resolved' },
    ],
    [
      'Test message from pm2-liveness on server1',
      notice({ event: 'test', apps: [], text: 'A test.' }),
    ],
    ['PM2 does not answer', notice({ event: 'monitor', apps: [], text: 'PM2 does not answer' })],
  ] as const) {
    test(wanted, () => assert.equal(subjectOf(given), wanted));
  }

  test('has at most 60 characters in one line, for any texts', () => {
    const text = fc.oneof(fc.string(), fc.constant(HOSTILE), fc.string({ unit: 'binary' }));
    fc.assert(
      fc.property(text, text, fc.constantFrom(...ALL_NOTICES), (app, reason, about) => {
        const subject = subjectOf({
          ...about,
          apps: about.apps.map((a) => ({ ...a, app, reason })),
        });
        assert.ok(subject.length <= 60);
        assert.doesNotMatch(subject, /[\p{Cc}\u2028\u2029\u202E]/u);
      }),
    );
  });
});

describe('a text', () => {
  test('answers what happened, since when, what was done, what comes next and what to type', () => {
    const text = wholeTextOf(notice(), 4_000);
    assert.match(
      text.replaceAll(/\w{3} \d+ \w{3}, \d\d:\d\d:\d\d \S+/g, '<time>'),
      new RegExp(
        `^${[
          String.raw`web is down: no answer \(3 of 3 checks\)`,
          '',
          String.raw`Cause: no answer \(3 of 3 checks\): no answer within 5000 ms`,
          'Since: <time>',
          'Done: 03:12:10 restarted as pid 4711',
          'Done: 03:12:40 restarted as pid 4720',
          'Next: one trial restart at 03:27:40',
          String.raw`Diagnosis: its main thread is busy in loop \(server.js:12\)`,
          'Type: npx pm2-liveness describe web',
          '',
          'pm2-liveness on server1, <time>',
        ].join('\n')}$`,
      ),
    );
  });

  test('keeps whole apps within its limit, and counts the others', () => {
    for (const room of [200, 1_000, 4_096, 20_000]) {
      const text = wholeTextOf(hugeNotice(), room);
      assert.ok(text.length <= room, `${text.length} of ${room}`);
      assert.match(text, /and \d+ more apps: npx pm2-liveness status|pm2-liveness on/);
    }
    const { body } = plainTextOf(notice({ moreApps: 20 }), 4_000);
    assert.match(body, /\n\nand 20 more apps: npx pm2-liveness status\n\n/);
  });
});

test('HTML has no tag of an app in it, and balanced tags', () => {
  for (const each of ALL_NOTICES) {
    const html = htmlOf(each);
    const tags = [...html.matchAll(/<\/?([a-z0-9]+)/g)].map(([, tag]) => tag);
    const ours = [
      'html',
      'head',
      'meta',
      'title',
      'body',
      'h1',
      'h2',
      'p',
      'table',
      'tr',
      'th',
      'td',
      'code',
    ];
    assert.deepEqual(
      [...new Set(tags)].filter((tag) => !ours.includes(tag ?? '')),
      [],
    );
    for (const tag of ['table', 'tr', 'td', 'p', 'h1', 'body']) {
      const count = (begin: string): number => html.split(begin).length - 1;
      assert.equal(count(`<${tag}>`) + count(`<${tag} `), count(`</${tag}>`), tag);
    }
  }
});
