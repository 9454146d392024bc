import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Notice } from '../../../src/notify/message/notice.ts';
import { EMPTY_OUTBOX, readOutbox, writeOutbox } from '../../../src/notify/outbox/outbox-file.ts';
import { bounded, enqueue, type QueuedNotice } from '../../../src/notify/outbox/queue.ts';
import { noticeOfTest } from './notice-of-test.ts';

function queueOf(ids: number, make: (n: number) => Notice, hasAll = false): QueuedNotice[] {
  let queue: readonly QueuedNotice[] = [];
  for (let n = 0; n < ids; n += 1) queue = enqueue(queue, make(n), hasAll).queue;
  return [...queue];
}

function bigOf(id: string, apps: number): Notice {
  const notice = noticeOfTest(id);
  const [app] = notice.apps;
  assert.ok(app);
  const all = Array.from({ length: apps }, (_, n) => ({
    ...app,
    app: `app${n}`,
    detail: 'é€😀'.repeat(75),
  }));
  return { ...notice, apps: all };
}

test('the room of a queue is counted in bytes, not in characters', () => {
  const queue = queueOf(200, (n) => bigOf(`n${n}`, 10));
  assert.ok(queue.length > 5);
  assert.ok(Buffer.byteLength(JSON.stringify(queue)) <= 256 * 1024 + 1_000);
});

test('a message about thousands of apps takes half of the room, and leaves the others in', () => {
  const before = queueOf(5, (n) => noticeOfTest(`r${n}`, 'resolved'), true);
  const { queue, dropped } = enqueue(before, bigOf('big', 5_000), true);
  assert.equal(dropped, 0);
  const big = queue.at(-1)?.notice;
  assert.equal((big?.apps.length ?? 0) + (big?.moreApps ?? 0), 5_000);
  assert.ok((big?.apps.length ?? 0) >= 500);
  assert.ok(Buffer.byteLength(JSON.stringify(big)) <= 1024 * 1024);
});

test('a queue of a damaged or foreign file is cut to what enqueue allows, in one pass', () => {
  const long = Array.from({ length: 20_000 }, (_, n) => ({
    notice: noticeOfTest(`n${n}`, n % 2 === 0 ? 'fixed' : 'opened'),
    attempts: 0,
    notBefore: 0,
  }));
  const { queue, dropped } = bounded(long);
  assert.deepEqual([queue.length, dropped], [200, 19_800]);
  assert.ok(queue.every(({ notice: { event } }) => event === 'opened'));
  const big = bounded(
    long.slice(0, 50).map((each, n) => ({ ...each, notice: bigOf(`b${n}`, 10) })),
  );
  assert.ok(Buffer.byteLength(JSON.stringify(big.queue)) <= 256 * 1024 + 1_000);
  assert.equal(big.queue.at(-1)?.notice.id, 'b49');
  assert.equal(enqueue(long, noticeOfTest('new')).queue.length, 200);
});

test('full queues of 20 channels are read again', async () => {
  const home = mkdtempSync(join(tmpdir(), 'notify-'));
  const dir = join(home, 'pm2-liveness');
  const [small, all] = [
    queueOf(100, (n) => bigOf(`n${n}`, 10)),
    queueOf(4, (n) => bigOf(`n${n}`, 2_000), true),
  ];
  const queues = Object.fromEntries(
    Array.from({ length: 20 }, (_, n) => [`c${n}`, n % 2 === 0 ? small : all]),
  );
  await writeOutbox(dir, { ...EMPTY_OUTBOX, queues });
  const { document, warning } = await readOutbox(dir, 0);
  assert.equal(warning, null);
  assert.deepEqual(document.queues, queues);
  rmSync(home, { recursive: true });
});

test('a file of a newer version, which has more in it, is read', async () => {
  const home = mkdtempSync(join(tmpdir(), 'notify-'));
  const dir = join(home, 'pm2-liveness');
  const queues = { a: queueOf(1, (n) => noticeOfTest(`n${n}`)) };
  const newer = { ...EMPTY_OUTBOX, queues, schemaVersion: 2, more: true };
  // as: what a newer monitor writes has another type
  await writeOutbox(dir, newer as unknown as typeof EMPTY_OUTBOX);
  const { document, warning } = await readOutbox(dir, 0);
  assert.deepEqual([document, warning], [{ ...EMPTY_OUTBOX, queues }, null]);
  rmSync(home, { recursive: true });
});
