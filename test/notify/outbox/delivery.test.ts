import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Channel, SendResult } from '../../../src/notify/channel/channel.ts';
import type { Notice } from '../../../src/notify/message/notice.ts';
import { Delivery, type Outcome } from '../../../src/notify/outbox/delivery.ts';
import type { QueuedNotice } from '../../../src/notify/outbox/queue.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { noticeOfTest } from './notice-of-test.ts';

/** A sink that answers as the test says; what it got is in `got`. */
class Sink {
  readonly got: string[] = [];
  answer: () => Promise<SendResult> = () => Promise.resolve({ kind: 'sent', answer: 'ok' });

  channel(more: Partial<Channel> = {}): Channel {
    return {
      name: 'phone',
      kind: 'webhook',
      shown: 'webhook (127.0.0.1)',
      minSeverity: 'info',
      endpoint: null,
      send: ({ id }) => {
        this.got.push(id);
        return this.answer();
      },
      ...more,
    };
  }
}

interface Rig {
  readonly clock: FakeClock;
  readonly sink: Sink;
  readonly delivery: Delivery;
  readonly outcomes: Outcome[];
  readonly saved: string[][];
  firing: Notice | null;
}

function rig(queue: readonly QueuedNotice[] = [], more: Partial<Channel> = {}): Rig {
  const [clock, sink, outcomes, saved] = [new FakeClock(), new Sink(), [], []] as [
    FakeClock,
    Sink,
    Outcome[],
    string[][],
  ];
  const made: Rig = {
    clock,
    sink,
    outcomes,
    saved,
    firing: null,
    delivery: new Delivery(sink.channel(more), queue, {
      clock,
      save: () => {
        saved.push(made.delivery.queue.map(({ notice }) => notice.id));
        return Promise.resolve();
      },
      onOutcome: (outcome) => outcomes.push(outcome),
      firing: () => made.firing,
    }),
  };
  made.delivery.start();
  return made;
}

/** Lets all promises that can go on do so. */
async function settle(clock: FakeClock): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await clock.pass(0);
}

test('a message is on disk before it is sent, and its end is on disk before the next is sent', async () => {
  const { clock, sink, delivery, saved } = rig();
  delivery.add(noticeOfTest('a'));
  delivery.add(noticeOfTest('b'));
  await settle(clock);
  assert.deepEqual(sink.got, ['a', 'b']);
  assert.deepEqual(saved, [['a', 'b'], ['b'], ['b'], []]);
  assert.equal(delivery.status().sent, 2);
  await delivery.stop();
});

test('a sink that is down gets the same message again, later and later, and the others wait', async () => {
  const { clock, sink, delivery } = rig();
  sink.answer = () =>
    Promise.resolve({ kind: 'retry', reason: 'answered 503', retryAfterMs: null });
  delivery.add(noticeOfTest('a'));
  delivery.add(noticeOfTest('b'));
  await settle(clock);
  const times: number[] = [];
  for (let second = 0; second < 1_200; second += 1) {
    const before = sink.got.length;
    await clock.pass(1_000);
    await settle(clock);
    if (sink.got.length > before) times.push(second + 1);
  }
  assert.deepEqual(times, [5, 15, 35, 75, 155, 315, 615, 915]);
  // From the fifth failure on the sink is asked each time whether it takes another.
  assert.equal(sink.got.join(' '), 'a a a a a a b a b a b a b');
  assert.equal(delivery.status().problem, 'answered 503');
  sink.answer = () => Promise.resolve({ kind: 'sent', answer: 'ok' });
  await clock.pass(300_000);
  await settle(clock);
  assert.deepEqual(sink.got.slice(-2), ['a', 'b']);
  assert.equal(delivery.status().waiting, 0);
  await delivery.stop();
});

test('a server that asks for a wait gets it, an hour at most', async () => {
  const { clock, sink, delivery } = rig();
  sink.answer = () =>
    Promise.resolve({ kind: 'retry', reason: 'answered 429', retryAfterMs: 90_000 });
  delivery.add(noticeOfTest('a'));
  await settle(clock);
  await clock.pass(89_000);
  await settle(clock);
  assert.equal(sink.got.length, 1);
  sink.answer = () => Promise.resolve({ kind: 'retry', reason: 'busy', retryAfterMs: 1e12 });
  await clock.pass(1_000);
  await settle(clock);
  assert.equal(sink.got.length, 2);
  await clock.pass(3_600_000);
  await settle(clock);
  assert.equal(sink.got.length, 3);
  await delivery.stop();
});

test('a refused message is left out, and the next is sent', async () => {
  const { clock, sink, delivery, outcomes } = rig();
  sink.answer = () => Promise.resolve({ kind: 'refused', reason: 'answered 404' });
  delivery.add(noticeOfTest('a'));
  delivery.add(noticeOfTest('b'));
  await settle(clock);
  assert.deepEqual(sink.got, ['a', 'b']);
  assert.deepEqual(
    outcomes.map(({ kind }) => kind),
    ['refused', 'refused'],
  );
  assert.equal(delivery.status().waiting, 0);
  await delivery.stop();
});

test('a channel that never answers, and one that throws, hold up nothing for longer than their deadline', async () => {
  const { clock, sink, delivery } = rig();
  sink.answer = () => new Promise(() => undefined);
  delivery.add(noticeOfTest('a'));
  await settle(clock);
  await clock.pass(20_000);
  await settle(clock);
  assert.equal(delivery.status().problem, 'no answer');
  assert.equal(delivery.status().waiting, 1);
  sink.answer = () => Promise.reject(new Error('https://secret@example.test/'));
  await clock.pass(5_000);
  await settle(clock);
  assert.equal(delivery.status().problem, 'internal error');
  await delivery.stop();
});

test('a message of yesterday is not sent', async () => {
  const old = {
    ...noticeOfTest('old'),
    at: new Date(1_700_000_000_000 - 25 * 3_600_000).toISOString(),
  };
  const { clock, sink, delivery, outcomes } = rig([
    { notice: old, attempts: 9, notBefore: 0 },
    { notice: noticeOfTest('new'), attempts: 0, notBefore: 0 },
  ]);
  await settle(clock);
  assert.deepEqual(sink.got, ['new']);
  assert.deepEqual(outcomes[0], { kind: 'dropped', count: 1 });
  await delivery.stop();
});

test('the queue is bounded: what says least is left out first', async () => {
  const { clock, sink, delivery, outcomes } = rig();
  sink.answer = () => new Promise(() => undefined);
  delivery.add(noticeOfTest('first'));
  for (let n = 0; n < 150; n += 1) delivery.add(noticeOfTest(`fixed${n}`, 'fixed'));
  for (let n = 0; n < 150; n += 1) delivery.add(noticeOfTest(`opened${n}`));
  await settle(clock);
  const waiting = delivery.queue.map(({ notice }) => notice.id);
  assert.equal(waiting.length, 200);
  assert.equal(waiting[0], 'first');
  assert.equal(waiting.filter((id) => id.startsWith('opened')).length, 150);
  assert.equal(outcomes.filter(({ kind }) => kind === 'dropped').length, 101);
  const stopped = delivery.stop();
  await clock.pass(1_000);
  await stopped;
});

test('what an earlier monitor left is bounded in the same way, also where its file is read late', async () => {
  const left = (word: string): QueuedNotice[] =>
    Array.from({ length: 1_000 }, (_, n) => ({
      notice: noticeOfTest(`${word}${n}`),
      attempts: 0,
      notBefore: 0,
    }));
  const { clock, delivery, outcomes } = rig(left('a'));
  assert.equal(delivery.queue.length, 200);
  assert.deepEqual(outcomes, [{ kind: 'dropped', count: 800 }]);
  delivery.restore(left('b'));
  assert.equal(delivery.queue.length, 200);
  const stopped = delivery.stop();
  await clock.pass(1_000);
  await stopped;
});

test('a channel that forgets what is not repeated gets what fires, until nothing does', async () => {
  const made = rig([], { repeatMs: 60_000 });
  const { clock, sink, delivery } = made;
  await settle(clock);
  assert.deepEqual(sink.got, []);
  made.firing = noticeOfTest('firing', 'reminder');
  delivery.wake();
  for (let minute = 0; minute < 3; minute += 1) {
    await settle(clock);
    await clock.pass(60_000);
  }
  await settle(clock);
  assert.equal(sink.got.length, 4);
  made.firing = null;
  await clock.pass(600_000);
  await settle(clock);
  assert.equal(sink.got.length, 4);
  await delivery.stop();
});

const retry = (retryAfterMs: number | null = null): Promise<SendResult> =>
  Promise.resolve({ kind: 'retry', reason: 'answered 500', retryAfterMs });

test('a message that its sink alone does not take holds up the others for minutes, and is not lost', async () => {
  const { clock, sink, delivery } = rig();
  sink.answer = () =>
    sink.got.at(-1)?.startsWith('poison') ? retry() : Promise.resolve({ kind: 'sent', answer: '' });
  for (const id of ['poison1', 'poison2', 'a', 'b']) delivery.add(noticeOfTest(id));
  const minutes = async (count: number): Promise<void> => {
    for (let second = 0; second < 60 * count; second += 5) {
      await clock.pass(5_000);
      await settle(clock);
    }
  };
  await settle(clock);
  await minutes(15);
  assert.deepEqual(
    sink.got.filter((id) => !id.startsWith('poison')),
    ['a', 'b'],
  );
  // What comes later does not wait for them at all.
  delivery.add(noticeOfTest('c'));
  await settle(clock);
  assert.equal(sink.got.at(-1), 'c');
  assert.equal(delivery.status().waiting, 2);
  const before = sink.got.length;
  await minutes(180);
  assert.ok(sink.got.length - before <= 8, 'they are tried again each hour');
  sink.answer = () => Promise.resolve({ kind: 'sent', answer: '' });
  await minutes(60);
  assert.equal(delivery.status().waiting, 0);
  await delivery.stop();
});

for (const retryAfterMs of [0, 1_000, 600_000]) {
  test(`the same for one that is answered with a Retry-After of ${retryAfterMs} ms each time, which is kept`, async () => {
    const { clock, sink, delivery } = rig();
    let asked = Number.NEGATIVE_INFINITY;
    sink.answer = () => {
      assert.ok(clock.now() >= asked, 'the sink is left alone as long as it asked for');
      if (sink.got.at(-1) !== 'poison') return Promise.resolve({ kind: 'sent', answer: '' });
      asked = clock.now() + retryAfterMs;
      return retry(retryAfterMs);
    };
    for (const id of ['poison', 'a', 'b']) delivery.add(noticeOfTest(id));
    for (let second = 0; second < 2 * 3_600; second += 5) {
      await clock.pass(5_000);
      await settle(clock);
    }
    assert.deepEqual(
      sink.got.filter((id) => id !== 'poison'),
      ['a', 'b'],
    );
    assert.equal(delivery.status().waiting, 1);
    await delivery.stop();
  });
}

test('a sink that is down and asks for a wait each time keeps the order', async () => {
  const { clock, sink, delivery } = rig();
  sink.answer = () => retry(1_000);
  for (const id of ['a', 'b']) delivery.add(noticeOfTest(id));
  for (let second = 0; second < 1_200; second += 1) {
    await clock.pass(1_000);
    await settle(clock);
  }
  assert.equal(sink.got.join(' '), 'a a a a a a b a b a b a b');
  sink.answer = () => Promise.resolve({ kind: 'sent', answer: '' });
  await clock.pass(300_000);
  await settle(clock);
  assert.deepEqual(sink.got.slice(-2), ['a', 'b']);
  await delivery.stop();
});

test('a wall clock that is set back delays no message', async () => {
  const { clock, sink, delivery } = rig();
  sink.answer = () => retry();
  delivery.add(noticeOfTest('a'));
  await settle(clock);
  sink.answer = () => Promise.resolve({ kind: 'sent', answer: '' });
  clock.wallTime -= 86_400_000;
  delivery.add(noticeOfTest('b'));
  await clock.pass(5_000);
  await settle(clock);
  await clock.pass(5_000);
  await settle(clock);
  assert.deepEqual(sink.got, ['a', 'a', 'b']);
  await delivery.stop();
});

test('a wall clock that is set forward by weeks loses no message', async () => {
  const { clock, sink, delivery, outcomes } = rig();
  sink.answer = () => retry();
  delivery.add(noticeOfTest('a'));
  await settle(clock);
  sink.answer = () => Promise.resolve({ kind: 'sent', answer: '' });
  clock.wallTime += 40 * 86_400_000;
  await clock.pass(5_000);
  await settle(clock);
  assert.deepEqual(sink.got, ['a', 'a']);
  assert.ok(outcomes.every(({ kind }) => kind !== 'dropped'));
  await delivery.stop();
});

test('a time in the file that lies far ahead holds up nothing for more than an hour', async () => {
  const old = {
    ...noticeOfTest('old'),
    at: new Date(1_700_000_000_000 - 25 * 3_600_000).toISOString(),
  };
  const { clock, sink, delivery, outcomes } = rig([
    { notice: old, attempts: 9, notBefore: 1e15 },
    { notice: noticeOfTest('new'), attempts: 1, notBefore: 1e15 },
  ]);
  await settle(clock);
  assert.deepEqual(outcomes[0], { kind: 'dropped', count: 1 });
  for (let minute = 0; minute < 61; minute += 1) {
    await clock.pass(60_000);
    await settle(clock);
  }
  assert.deepEqual(sink.got, ['new']);
  await delivery.stop();
});

test('a sink that asks for a wait is left alone, also by repeats', async () => {
  const made = rig([], { repeatMs: 60_000 });
  const { clock, sink, delivery } = made;
  await settle(clock);
  made.firing = noticeOfTest('firing', 'reminder');
  sink.answer = () => retry(600_000);
  delivery.wake();
  await settle(clock);
  assert.equal(sink.got.length, 1);
  delivery.add(noticeOfTest('a'));
  for (let second = 0; second < 599; second += 1) await clock.pass(1_000);
  await settle(clock);
  assert.equal(sink.got.length, 1);
  sink.answer = () => Promise.resolve({ kind: 'sent', answer: '' });
  await clock.pass(1_000);
  await settle(clock);
  assert.deepEqual(sink.got, ['firing', 'a', 'firing']);
  await delivery.stop();
});
