import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { createOsReader } from '../../../src/os/create-reader.ts';
import { endTree, sendSignal, type SendSignal } from '../../../src/os/signal/end-tree.ts';
import type { ProcessIdentity } from '../../../src/os/os-reader.ts';
import type { Clock } from '../../../src/time/clock.ts';
import { systemClock } from '../../../src/time/clock.ts';
import { until } from '../../support/until.ts';
import { Children, IDLE } from '../support/children.ts';

describe('stopping real processes', { skip: process.platform !== 'linux' }, () => {
  const reader = createOsReader();
  const children = new Children();
  after(() => children.endAll());
  const ports = { clock: systemClock, reader };

  async function livesOf(...pids: number[]): Promise<ProcessIdentity[]> {
    const births = await reader.births(pids);
    return pids.map((pid) => ({ pid, birth: births?.get(pid) ?? assert.fail(`${pid} is dead`) }));
  }

  test('sends SIGTERM, and those that obey exit', async () => {
    const { child, pid } = await children.node(IDLE);
    const result = await endTree(await livesOf(pid), ports, { graceMs: 10_000 });
    assert.deepEqual(result, { ended: [pid], left: [] });
    await until('the exit is known', () => child.signalCode === 'SIGTERM');
  });

  test('sends SIGKILL to what ignores SIGTERM, and to what is stopped', async () => {
    const deaf = await children.node(`process.on('SIGTERM', () => {}); ${IDLE}`);
    const stopped = await children.node(IDLE);
    process.kill(stopped.pid, 'SIGSTOP');
    const pids = [deaf.pid, stopped.pid];
    const result = await endTree(await livesOf(...pids), ports, { graceMs: 300 });
    assert.deepEqual(result, { ended: pids, left: [] });
    await until('the exits are known', () => deaf.child.signalCode && stopped.child.signalCode);
    assert.equal(deaf.child.signalCode, 'SIGKILL');
    // Both signals wait for it, and it dies by either.
    assert.match(String(stopped.child.signalCode), /^SIG(KILL|TERM)$/);
  });

  test('a pid that was given to another is left alone', async () => {
    const { child, pid } = await children.node(IDLE);
    const result = await endTree([{ pid, birth: '1' }], ports, { graceMs: 200 });
    assert.deepEqual(result, { ended: [pid], left: [] });
    assert.equal(child.signalCode, null);
    assert.equal((await reader.births([pid]))?.size, 1);
  });

  test('never a group, never the first process, never ourselves', () => {
    for (const pid of [0, 1, -1, -77, process.pid, Number.NaN, 1.5]) {
      assert.equal(sendSignal(pid, 'SIGTERM'), 'refused', String(pid));
    }
  });

  test('an abort of the wait', async () => {
    const { pid } = await children.node(`process.on('SIGTERM', () => {}); ${IDLE}`);
    const stopping = new AbortController();
    const ending = endTree(await livesOf(pid), ports, { graceMs: 60_000, signal: stopping.signal });
    stopping.abort();
    assert.deepEqual(await ending, { ended: [], left: [pid] });
  });
});

describe('stopping, step by step', () => {
  /** Time goes by as soon as somebody sleeps. */
  function fastClock(): Clock {
    let now = 0;
    return {
      now: () => now,
      wall: () => now,
      sleep: async (ms) => {
        now += ms;
      },
    };
  }

  /** Processes that the given signal kills; a pid may get another process after that. */
  function world(deathOf: Readonly<Record<number, string>>, reborn: readonly number[] = []) {
    const births = new Map(Object.keys(deathOf).map((pid) => [Number(pid), 'first']));
    const sent: string[] = [];
    const send: SendSignal = (pid, signal) => {
      sent.push(`${signal} ${pid}`);
      if (deathOf[pid] !== signal) return 'sent';
      if (reborn.includes(pid)) births.set(pid, 'second');
      else births.delete(pid);
      return 'sent';
    };
    return { births, sent, send, reader: { births: async () => births }, clock: fastClock() };
  }

  const lives = [1_001, 1_002].map((pid) => ({ pid, birth: 'first' }));

  test('in the given order, and SIGKILL only to those that stayed', async () => {
    const place = world({ 1_001: 'SIGTERM', 1_002: 'SIGKILL' });
    const result = await endTree(lives, place, { graceMs: 1_000 });
    assert.deepEqual(place.sent, ['SIGTERM 1001', 'SIGTERM 1002', 'SIGKILL 1002']);
    assert.deepEqual(result, { ended: [1_001, 1_002], left: [] });
  });

  test('a pid reused between the two signals gets no second one', async () => {
    const place = world({ 1_001: 'SIGTERM', 1_002: 'SIGKILL' }, [1_001]);
    const result = await endTree(lives, place, { graceMs: 1_000 });
    assert.ok(!place.sent.includes('SIGKILL 1001'), place.sent.join());
    assert.deepEqual(result.ended, [1_001, 1_002]);
  });

  test('a pid reused while its siblings are signalled gets none', async () => {
    const place = world({ 1_001: 'never', 1_002: 'never' });
    const send: SendSignal = (pid, signal) => {
      place.births.set(1_002, 'second');
      return place.send(pid, signal);
    };
    await endTree(lives, { ...place, send }, { graceMs: 100 });
    assert.deepEqual(place.sent, ['SIGTERM 1001', 'SIGKILL 1001']);
  });

  test('what no signal stops is reported', async () => {
    const place = world({ 1_001: 'never', 1_002: 'SIGTERM' });
    const result = await endTree(lives, place, { graceMs: 100 });
    assert.deepEqual(result, { ended: [1_002], left: [1_001] });
  });

  test('where births cannot be read nobody is signalled', async () => {
    const place = world({ 1_001: 'SIGTERM', 1_002: 'SIGTERM' });
    const blind = { ...place, reader: { births: async () => null } };
    const result = await endTree(lives, blind, { graceMs: 100 });
    assert.deepEqual(place.sent, []);
    assert.deepEqual(result, { ended: [], left: [1_001, 1_002] });
  });

  test('nobody is nothing to do', async () => {
    assert.deepEqual(await endTree([], world({}), { graceMs: 100 }), { ended: [], left: [] });
  });
});
