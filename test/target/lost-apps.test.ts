import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, test } from 'node:test';
import type { ManagedProcess } from '../../src/pm2/process.ts';
import { LostApps } from '../../src/target/lost-apps.ts';
import type { LostEvidence } from '../../src/verdict/process.ts';
import type { Observation } from '../../src/target/observation.ts';
import { observationOf } from '../../src/target/observation.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { managed } from '../support/fake-pm2.ts';

const clock = new FakeClock();
const START_ERROR = "pm2 restart: ENOENT: no such file or directory, open '/logs/o.log'";
const MISSING: LostEvidence = { detail: 'its log folder /logs is missing', missing: '/logs' };

/** PM2's list, looked at by hand. */
class Lists {
  reason: LostEvidence | null = MISSING;
  isMissing = true;
  connection: number | null = 0;
  looks = 0;
  now = 0;
  isOperatorStop = false;
  readonly said: string[] = [];
  readonly mustHaveFailed: boolean[] = [];
  readonly lost = new LostApps({
    findReason: async (_, said, mustHaveFailed) => {
      this.said.push(said);
      this.mustHaveFailed.push(mustHaveFailed);
      return this.reason;
    },
    isMissing: async () => {
      this.looks += 1;
      return this.isMissing;
    },
    busConnection: () => this.connection,
    onNews: () => undefined,
  });

  /** What the list says `ms` later; PM2 was asked for it at `askedAt`. */
  async after(
    ms: number,
    entry: Partial<ManagedProcess>,
    askedAt = this.now + ms,
  ): Promise<Observation> {
    this.now += ms;
    const process = managed(entry);
    const { isOperatorStop, now } = this;
    const listed = { askedAt, isOperatorStop, now };
    const seen = this.lost.pass(process, observationOf(process, clock), listed);
    await turn();
    return seen;
  }

  /** A restart of ours whose start failed. */
  failsToStart(said = START_ERROR): void {
    this.lost.begin(0);
    this.lost.end(0, 'failed', said, this.now);
  }
}

const CRASHED = { status: 'stopped', pid: 100 } as const;
const STOPPED = { status: 'stopped', pid: 0 } as const;
const UNSPAWNED = { status: 'online', pid: 0 } as const;
const WAITING = { status: 'waiting restart', pid: 100, env: { restart_delay: 20_000 } } as const;

describe('an app that PM2 lost', () => {
  test('is online without a process, once that lasts', async () => {
    const lists = new Lists();
    assert.equal((await lists.after(0, UNSPAWNED)).status, 'transit');
    const { status, pid, lost } = await lists.after(2_000, UNSPAWNED);
    assert.deepEqual([status, pid, lost?.missing], ['lost', 0, '/logs']);
  });

  test('is stopped with the pid of a process that crashed, which is never shown', async () => {
    const lists = new Lists();
    assert.equal((await lists.after(0, CRASHED)).status, 'transit');
    assert.equal((await lists.after(2_999, CRASHED)).status, 'transit');
    const { status, pid, lost } = await lists.after(1, CRASHED);
    assert.deepEqual([status, pid], ['lost', 0]);
    assert.equal(lost?.entry, `0:100:${managed().startedAt}:stopped`);
  });

  test('is waited for longer where nothing tells why', async () => {
    const lists = new Lists();
    lists.reason = null;
    for (let second = 0; second < 30; second += 1) {
      assert.equal((await lists.after(1_000, CRASHED)).status, 'transit');
    }
    const { lost } = await lists.after(1_000, CRASHED);
    assert.deepEqual([lost?.detail, lost?.missing], ['PM2 could not start it', null]);
  });

  test('waits for a restart whose timer fired in vain, and not one moment before', async () => {
    const lists = new Lists();
    await lists.after(0, WAITING);
    assert.equal((await lists.after(22_999, WAITING)).status, 'transit');
    assert.equal((await lists.after(1, WAITING)).status, 'lost');
  });

  test('waits for a restart that PM2 has counted already', async () => {
    const lists = new Lists();
    await lists.after(0, WAITING);
    await lists.after(1_000, { ...WAITING, restarts: 4 });
    assert.equal((await lists.after(2_999, { ...WAITING, restarts: 4 })).status, 'transit');
    assert.equal((await lists.after(1, { ...WAITING, restarts: 4 })).status, 'lost');
  });

  test('has what is missing looked at again once a second at most, and tells when it is back', async () => {
    const lists = new Lists();
    await lists.after(0, CRASHED);
    for (let look = 0; look < 40; look += 1) await lists.after(100, CRASHED);
    assert.ok(lists.looks <= 4, `${lists.looks} looks`);
    Object.assign(lists, { isMissing: false, reason: null });
    await lists.after(1_000, CRASHED);
    const { status, lost } = await lists.after(100, CRASHED);
    assert.deepEqual([status, lost?.missing], ['lost', null]);
  });

  test('in cluster mode, too', async () => {
    const lists = new Lists();
    await lists.after(0, { ...CRASHED, isCluster: true });
    assert.equal((await lists.after(3_000, { ...CRASHED, isCluster: true })).status, 'lost');
  });

  test('in cluster mode without a process is a dead end', async () => {
    const lists = new Lists();
    const launching = { status: 'launching', pid: 0, isCluster: true } as const;
    await lists.after(0, launching);
    const { status, lost } = await lists.after(3_000, launching);
    assert.deepEqual([status, lost?.isDeadEnd], ['lost', true]);
    // No other is one.
    await lists.after(0, UNSPAWNED);
    assert.equal((await lists.after(3_000, UNSPAWNED)).lost?.isDeadEnd, undefined);
  });

  test('is one that PM2 gave up, where something is missing', async () => {
    const lists = new Lists();
    const errored = { status: 'errored', pid: 0 } as const;
    await lists.after(0, errored);
    const { status, lost } = await lists.after(1_000, errored);
    assert.deepEqual([status, lost?.missing], ['lost', '/logs']);
    const well = new Lists();
    well.reason = { detail: 'no memory was left (ENOMEM)', missing: null };
    await well.after(0, errored);
    for (let second = 0; second < 60; second += 1) {
      assert.equal((await well.after(1_000, errored)).status, 'errored');
    }
  });
});

describe('an app that PM2 gave up and shows as waiting, because of its restart_delay', () => {
  const GIVEN_UP = { status: 'waiting restart', pid: 0, env: { restart_delay: 100 } } as const;

  test('is lost where something is missing', async () => {
    const lists = new Lists();
    await lists.after(0, GIVEN_UP);
    const { status, lost } = await lists.after(1_000, GIVEN_UP);
    assert.deepEqual([status, lost?.missing], ['lost', '/logs']);
  });

  test('is errored where nothing is', async () => {
    const lists = new Lists();
    lists.reason = null;
    await lists.after(0, GIVEN_UP);
    assert.equal((await lists.after(60_000, GIVEN_UP)).status, 'errored');
  });

  test('is neither where it ended on purpose', async () => {
    const lists = new Lists();
    const ended = { ...GIVEN_UP, env: { restart_delay: 100, autorestart: false } };
    await lists.after(0, ended);
    assert.equal((await lists.after(60_000, ended)).status, 'stopped');
  });
});

describe('a restart of PM2’s own whose start failed', () => {
  const FAILED = { status: 'stopped', pid: 0, restarts: 1 } as const;

  /** It ran, and is stopped now. */
  async function fails(change: (lists: Lists) => void = () => undefined): Promise<Lists> {
    const lists = new Lists();
    await lists.after(0, { restarts: 0 });
    change(lists);
    await lists.after(2_000, FAILED);
    return lists;
  }

  test('is a loss where PM2 counted it and its log shows it, once no stop was heard for 5 s', async () => {
    const lists = await fails();
    assert.equal((await lists.after(4_999, FAILED)).status, 'transit');
    assert.equal((await lists.after(1, FAILED)).status, 'lost');
    assert.deepEqual(lists.mustHaveFailed, [true]);
  });

  for (const [how, change] of [
    ['its log does not show it', (lists) => (lists.reason = null)],
    ['somebody stopped it', (lists) => (lists.isOperatorStop = true)],
    ['the bus was gone for a while', (lists) => (lists.connection = 1)],
    ['there is no bus', (lists) => (lists.connection = null)],
  ] satisfies [string, (lists: Lists) => unknown][]) {
    test(`is a stop of the operator's where ${how}`, async () => {
      const lists = await fails(change);
      lists.isOperatorStop = false;
      assert.equal((await lists.after(60_000, FAILED)).status, 'stopped');
    });
  }

  test('is a stop of the operator’s where PM2 counted no restart, or nobody saw it run', async () => {
    const lists = new Lists();
    await lists.after(0, FAILED);
    assert.equal((await lists.after(60_000, FAILED)).status, 'stopped');
    await lists.after(0, { restarts: 1 });
    await lists.after(0, FAILED);
    assert.equal((await lists.after(60_000, FAILED)).status, 'stopped');
  });
});

describe('a restart of ours whose start failed', () => {
  test('is no stop of the operator: PM2 said why', async () => {
    const lists = new Lists();
    lists.lost.begin(0);
    assert.equal((await lists.after(0, STOPPED)).status, 'transit');
    lists.lost.end(0, 'failed', START_ERROR, lists.now);
    assert.equal((await lists.after(0, STOPPED)).status, 'transit');
    assert.equal((await lists.after(4_999, STOPPED)).status, 'transit');
    assert.equal((await lists.after(1, STOPPED)).status, 'lost');
    assert.deepEqual(lists.said, [START_ERROR]);
  });

  for (const [how, play] of [
    ['the operator stops it then', (lists) => (lists.isOperatorStop = true)],
    [
      'the bus was gone for a while, so that a stop may not have been heard',
      (lists) => (lists.connection = 1),
    ],
    ['there is no bus', (lists) => (lists.connection = null)],
  ] satisfies [string, (lists: Lists) => unknown][]) {
    test(`is the operator's stop where ${how}, for good`, async () => {
      const lists = new Lists();
      lists.failsToStart();
      await lists.after(0, STOPPED);
      assert.equal((await lists.after(6_000, STOPPED)).status, 'lost');
      play(lists);
      assert.equal((await lists.after(1_000, STOPPED)).status, 'stopped');
      Object.assign(lists, { isOperatorStop: false, connection: 0 });
      assert.equal((await lists.after(60_000, STOPPED)).status, 'stopped');
    });
  }

  for (const said of [
    'pm2 restart: Process with pid 100 already exists',
    'pm2 restart: no answer within 34600 ms',
    'the operator’s stop, repeated: x',
  ]) {
    test(`is not one that failed otherwise: ${said}`, async () => {
      const lists = new Lists();
      lists.failsToStart(said);
      await lists.after(0, STOPPED);
      assert.equal((await lists.after(60_000, STOPPED)).status, 'stopped');
    });
  }

  test('is known also where the list says that the app is stopping once more', async () => {
    const lists = new Lists();
    lists.failsToStart();
    await lists.after(0, { status: 'stopping' });
    await lists.after(0, STOPPED);
    assert.equal((await lists.after(5_000, STOPPED)).status, 'lost');
  });

  test('is known also where PM2 made the list before, when the app was still up', async () => {
    const lists = new Lists();
    lists.now = 1_000;
    lists.failsToStart();
    await lists.after(1_000, {}, 900);
    await lists.after(0, STOPPED);
    assert.equal((await lists.after(5_000, STOPPED)).status, 'lost');
  });

  test('is over once the app was up', async () => {
    const lists = new Lists();
    lists.failsToStart();
    await lists.after(1_000, {});
    await lists.after(1_000, STOPPED);
    assert.equal((await lists.after(60_000, STOPPED)).status, 'stopped');
  });
});

describe('an app that somebody stopped', () => {
  test('is stopped whenever PM2 has no pid of it: seen or not, before, during and after a loss', async () => {
    for (const before of [
      [],
      [{}],
      [UNSPAWNED],
      [CRASHED],
      [WAITING],
      [CRASHED, CRASHED, CRASHED],
    ]) {
      const lists = new Lists();
      for (const entry of before) await lists.after(2_000, entry);
      await lists.after(0, STOPPED);
      assert.equal((await lists.after(60_000, STOPPED)).status, 'stopped');
    }
  });

  test('is stopped where that was reported, with anything that PM2 still has of it', async () => {
    const lists = new Lists();
    lists.isOperatorStop = true;
    await lists.after(0, CRASHED);
    assert.equal((await lists.after(60_000, CRASHED)).status, 'stopped');
  });
});
