import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Unsent } from '../../src/guard/guard-file.ts';
import { repeatTrouble, sendUnsent } from '../../src/guard/send-unsent.ts';
import type { Channel, SendResult } from '../../src/notify/channel/channel.ts';
import type { Notice } from '../../src/notify/message/notice.ts';
import { LightAbortController } from '../../src/time/light-abort.ts';

const WALL = 1_000_000_000_000;
const HOUR = 3_600_000;
const TO = { host: 'server1', wall: WALL, signal: new LightAbortController() };
const SENT: SendResult = { kind: 'sent', answer: 'ok' };
const DOWN: SendResult = { kind: 'retry', reason: 'ECONNREFUSED', retryAfterMs: null };
const NO: SendResult = { kind: 'refused', reason: 'answered 404' };

/** A channel that gives the result that it has, and keeps what it gets. */
class Phone implements Channel {
  readonly name: string;
  readonly kind = 'webhook';
  readonly minSeverity = 'info';
  readonly endpoint = null;
  readonly shown: string;
  readonly got: Notice[] = [];
  result: SendResult;

  constructor(name: string, result: SendResult = SENT) {
    this.name = name;
    this.shown = `webhook (${name}.example)`;
    this.result = result;
  }

  send(notice: Notice): Promise<SendResult> {
    this.got.push(notice);
    return Promise.resolve(this.result);
  }
}

function message(id: string, more: Partial<Unsent> = {}): Unsent {
  return { id, at: WALL, text: `${id} happened`, isTrouble: true, done: [], ...more };
}

test('a message goes through all channels once, with the same id', async () => {
  const [a, b] = [new Phone('a'), new Phone('b')];
  const { left, problems } = await sendUnsent([message('one')], [a, b], TO);
  assert.deepEqual([left, problems], [[], []]);
  for (const { got } of [a, b]) {
    assert.deepEqual(
      got.map(({ id, event, severity, host, text, apps }) => [
        id,
        event,
        severity,
        host,
        text,
        apps,
      ]),
      [['one', 'monitor', 'critical', 'server1', 'one happened', []]],
    );
  }
});

test('the message that all is well is no alarm', async () => {
  const phone = new Phone('a');
  await sendUnsent([message('one', { isTrouble: false })], [phone], TO);
  assert.equal(phone.got[0]?.severity, 'info');
});

test('what a channel did not take is tried again there alone, in order', async () => {
  const [a, b] = [new Phone('a'), new Phone('b', DOWN)];
  const first = await sendUnsent([message('one'), message('two')], [a, b], TO);
  assert.deepEqual(first.problems, ['b (webhook (b.example)): ECONNREFUSED']);
  assert.deepEqual(
    first.left.map(({ id, done }) => [id, done]),
    [
      ['one', ['a']],
      ['two', ['a']],
    ],
  );
  assert.deepEqual([a.got.length, b.got.length], [2, 1]);
  b.result = SENT;
  const second = await sendUnsent(first.left, [a, b], TO);
  assert.deepEqual(second.left, []);
  assert.deepEqual(
    [...a.got.slice(2), ...b.got.slice(1)].map(({ id }) => id),
    ['one', 'two'],
  );
});

test('what a channel refuses for good is not tried again', async () => {
  const { left, problems } = await sendUnsent([message('one')], [new Phone('a', NO)], TO);
  assert.deepEqual(left, []);
  assert.deepEqual(problems, ['a (webhook (a.example)): answered 404']);
});

test('after a day a message is no news, and at most ten wait', async () => {
  const phone = new Phone('a', DOWN);
  const old = message('old', { at: WALL - 25 * HOUR });
  const many = Array.from({ length: 15 }, (_, at) => message(`m${at}`));
  const { left } = await sendUnsent([old, ...many], [phone], TO);
  assert.deepEqual(
    left.map(({ id }) => id),
    many.slice(5).map(({ id }) => id),
  );
});

test('without a channel nothing waits', async () => {
  assert.deepEqual(await sendUnsent([message('one')], [], TO), { left: [], problems: [] });
});

test('where not all channels are known, everything waits for those', async () => {
  const few = { ...TO, isWhole: false };
  const none = await sendUnsent([message('one')], [], few);
  assert.deepEqual(
    none.left.map(({ id, done }) => [id, done]),
    [['one', []]],
  );
  const [a, b] = [new Phone('a'), new Phone('b')];
  const one = await sendUnsent(none.left, [a], few);
  assert.deepEqual(
    one.left.map(({ done }) => done),
    [['a']],
  );
  assert.deepEqual((await sendUnsent(one.left, [a, b], TO)).left, []);
  assert.equal(a.got.length, 1);
});

test('a trouble that lasts is sent again only to channels that forget it', async () => {
  const [a, b] = [new Phone('a'), new Phone('b')];
  const alerts = Object.assign(b, { repeatMs: 60_000 });
  assert.deepEqual(await repeatTrouble('PM2 is gone', [a, alerts], TO), []);
  assert.deepEqual(
    [a.got.length, b.got.map(({ text, severity }) => [text, severity])],
    [0, [['PM2 is gone', 'critical']]],
  );
  b.result = DOWN;
  assert.deepEqual(await repeatTrouble('PM2 is gone', [a, alerts], TO), [
    'b (webhook (b.example)): ECONNREFUSED',
  ]);
});

test('a mail that some have is not sent to all again at each look', async () => {
  const mail = new Phone('mail', { ...DOWN, isPartial: true });
  const { left, problems } = await sendUnsent([message('one')], [mail], TO);
  assert.deepEqual([left, problems.length], [[], 1]);
});
