import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { alertsOf } from '../../../src/notify/channel/alertmanager.ts';
import { ALL_NOTICES, appDown, notice, resolved } from '../notices.ts';
import { slackMessageOf } from '../../../src/notify/channel/slack.ts';
import * as limits from './limits.ts';
import { channelOf, NEVER, Sink, type Received } from './sink.ts';

const TOKEN = '123456789:AAFakeTokenForTestsOnly-_0123456789';

/** Each kind: its line for a sink on loopback, what checks a request, and the kind with its host. */
const KINDS: readonly [
  kind: string,
  line: (at: string) => string,
  check: (got: Received) => void,
][] = [
  ['slack', (at) => `slack:${at}/services/T0/B0/xyzXYZ`, limits.checkSlack],
  ['discord', (at) => `discord:${at}/api/webhooks/1/abcABC`, limits.checkDiscord],
  [
    'teams',
    (at) => `teams:${at}/workflows/aF1/triggers?api-version=1&sig=aB%2F9`,
    limits.checkTeams,
  ],
  ['telegram', (at) => `telegram:${TOKEN}@-100123?api=${at}`, limits.checkTelegram],
  ['ntfy', (at) => `ntfy:${at}/my-topic`, limits.checkNtfy],
  ['alertmanager', (at) => `alertmanager:${at}`, limits.checkAlertmanager],
];

describe('a hosted service gets what its documentation allows', () => {
  let sink: Sink;

  before(async () => {
    sink = await Sink.start();
  });

  after(() => sink.stop());

  for (const [kind, line, check] of KINDS) {
    test(`${kind}: every notice, also the longest and worst`, async () => {
      sink.answer = (got, response) => {
        check(got);
        response.end('{}');
      };
      const channel = channelOf(line(sink.origin));
      assert.equal(channel.shown, `${kind} (127.0.0.1:${sink.port})`);
      for (const each of ALL_NOTICES) {
        const result = await channel.send(each, NEVER);
        assert.equal(result.kind, 'sent', `${each.event}: ${JSON.stringify(result)}`);
      }
    });

    for (const [status, wanted] of [
      [200, 'sent'],
      [204, 'sent'],
      [301, 'refused'],
      [302, 'retry'],
      [400, 'refused'],
      [401, 'refused'],
      [403, 'refused'],
      [404, 'refused'],
      [410, 'refused'],
      [408, 'retry'],
      [429, 'retry'],
      [500, 'retry'],
      [503, 'retry'],
    ] as const) {
      test(`${kind}: ${status} means ${wanted}`, async () => {
        sink.answer = (_, response) => {
          response.writeHead(status, { location: `${sink.origin}/elsewhere` });
          response.end();
        };
        const seen = sink.requests.length;
        const result = await channelOf(line(sink.origin)).send(notice(), NEVER);
        assert.equal(result.kind, wanted);
        assert.equal(sink.requests.length, seen + 1, 'no redirect is followed');
      });
    }
  }

  test('the time that Telegram and Discord ask for is in the body', async () => {
    sink.answer = (_, response) => {
      response.writeHead(429);
      const description = 'Too Many Requests: retry after 7';
      response.end(
        JSON.stringify({ description, parameters: { retry_after: 7 }, retry_after: 0.25 }),
      );
    };
    assert.deepEqual(
      await channelOf(`telegram:${TOKEN}@1?api=${sink.origin}`).send(notice(), NEVER),
      {
        kind: 'retry',
        reason: 'answered 429: Too Many Requests: retry after 7',
        retryAfterMs: 7_000,
      },
    );
    const result = await channelOf(`discord:${sink.origin}/x`).send(notice(), NEVER);
    assert.equal(result.kind === 'retry' && result.retryAfterMs, 250);
  });

  test('the old connectors of Teams answer 200 with an error in the text', async () => {
    sink.answer = (_, response) =>
      response.end(
        'Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 429 with ContextId …',
      );
    const result = await channelOf(`teams:${sink.origin}/webhook/x`).send(notice(), NEVER);
    assert.equal(result.kind, 'retry');
  });

  test('the parts of the query that belong to the service stay as they are', async () => {
    sink.answer = (_, response) => response.end();
    const line = `teams:${sink.origin}/w?api-version=1&sp=%2Ftriggers%2Frun&name=ops&sig=a-B_9`;
    assert.equal(channelOf(line).name, 'ops');
    await channelOf(line).send(notice(), NEVER);
    assert.equal(sink.last.path, '/w?api-version=1&sp=%2Ftriggers%2Frun&sig=a-B_9');
  });

  test('ntfy: token and login', async () => {
    sink.answer = (_, response) => response.end();
    await channelOf(`ntfy:${sink.origin}/t?token=tk_1`).send(notice(), NEVER);
    assert.equal(sink.last.headers.authorization, 'Bearer tk_1');
    await channelOf(`ntfy:${sink.origin.replace('//', '//me:p%40ss@')}/t`).send(notice(), NEVER);
    const login = Buffer.from('me:p@ss').toString('base64');
    assert.equal(sink.last.headers.authorization, `Basic ${login}`);
  });
});

describe('alerts', () => {
  test('have the same labels when they end', () => {
    const [fired] = alertsOf(notice());
    const [over] = alertsOf({ ...resolved(), severity: 'warning' });
    assert.deepEqual(over?.labels, fired?.labels);
    assert.deepEqual(fired?.labels, {
      alertname: 'PM2AppDown',
      host: 'server1',
      severity: 'critical',
      job: 'pm2-liveness',
      app: 'web',
    });
    assert.equal(over?.endsAt, '2026-11-28T03:24:04.000Z');
    assert.equal(over?.startsAt, fired?.startsAt);
  });

  test('that have got another severity end the ones before, for as long as those last', () => {
    const at = '2026-11-28T04:00:00.000Z';
    const worse = notice({ apps: [appDown({ severityBefore: { severity: 'warning', at } })] });
    const seen = (now: number): unknown =>
      alertsOf(worse, now).map(({ labels, endsAt }) => [labels['severity'], endsAt]);
    const now = Date.parse(at) + 60_000;
    assert.deepEqual(seen(now), [
      ['warning', at],
      ['critical', '2026-11-28T04:05:00.000Z'],
    ]);
    const [before, after] = alertsOf(worse, now);
    assert.deepEqual({ ...before?.labels, severity: 'critical' }, after?.labels);
    assert.deepEqual(seen(now + 180_000), [['critical', '2026-11-28T04:08:00.000Z']]);
  });

  test('end by themselves four minutes after the last repeat', () => {
    const now = Date.parse('2026-11-28T04:00:00.000Z');
    assert.equal(alertsOf(notice(), now)[0]?.endsAt, '2026-11-28T04:04:00.000Z');
  });

  test('name the instance, and the monitor itself', () => {
    assert.equal(
      alertsOf(notice({ apps: [appDown({ instance: 2 })] }))[0]?.labels['instance'],
      '2',
    );
    const own = notice({ apps: [appDown({ app: 'pm2-liveness', cause: 'monitor' })] });
    assert.equal(alertsOf(own)[0]?.labels['alertname'], 'PM2LivenessMonitor');
  });

  test('do not fire for what was fixed by itself', () => {
    assert.deepEqual(alertsOf(notice({ event: 'fixed' })), []);
  });
});

test('a command in Slack can be copied: nothing is put between its signs', () => {
  const command = "npx pm2-liveness describe 'my_app*~&<b>'";
  const said = JSON.stringify(slackMessageOf(notice({ apps: [appDown({ command })] })));
  const shown = command.replace('&', '&amp;').replace('<', '&lt;').replace('>', '&gt;');
  assert.ok(said.includes(`\`${shown}\``), said);
});

test('in Alertmanager a message that the monitor works again ends the alert, and opens none', () => {
  const about = { event: 'monitor', apps: [], text: 'PM2 is gone' } as const;
  const [open] = alertsOf(notice({ ...about, severity: 'critical' }));
  const [end] = alertsOf(notice({ ...about, severity: 'info' }));
  assert.deepEqual(end?.labels, open?.labels);
  assert.equal(end?.endsAt, notice().at);
});
