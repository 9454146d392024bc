import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ListedSockets } from '../../src/os/listed-sockets.ts';
import type { Listener } from '../../src/os/os-reader.ts';

test('a program that lists the sockets is started seldom, and the holder serves as the id', async () => {
  let [now, lists] = [0, 0];
  let listeners: readonly Listener[] | null = [
    { address: '::1', port: 80, pids: [12, 7] },
    { address: '0.0.0.0', port: 80, pids: null },
  ];
  const sockets = new ListedSockets(
    async () => {
      lists += 1;
      return listeners;
    },
    () => now,
  );
  const table = await sockets.within(0);
  assert.deepEqual(table?.get(80), [
    { address: '::1', port: 80, id: '12 7', uid: null },
    { address: '0.0.0.0', port: 80, id: '', uid: null },
  ]);
  now = 4_000;
  await Promise.all([sockets.within(0), sockets.within(1_000)]);
  assert.equal(lists, 1);
  now = 9_000;
  await sockets.within(10_000);
  assert.equal(lists, 1);
  listeners = null;
  assert.equal(await sockets.within(5_000), null);
  assert.equal(lists, 2);
});
