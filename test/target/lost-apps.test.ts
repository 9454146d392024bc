import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, test } from 'node:test';
import type { ManagedProcess } from '../../src/pm2/process.ts';
import { LostApps, type LostReason } from '../../src/target/lost-apps.ts';
import type { Observation } from '../../src/target/observation.ts';
import { observationOf } from '../../src/target/observation.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { managed } from '../support/fake-pm2.ts';

const clock = new FakeClock();
const START_ERROR = "pm2 restart: ENOENT: no such file or directory, open '/logs/o.log'";
const MISSING: LostReason = { detail: 'its log folder /logs is missing', missing: '/logs' };

/** PM2's list, looked at by hand. */
class Lists {
  reason: LostReason | null = MISSING;
  isMissing = true;
  connection: number | null = 0;
  looks = 0;
  now = 0;
  isOperatorStop = false;
  readonly said: string[] = [];
  readonly lost = new LostApps({
    findReason: async (_, said) => {
      this.said.push(said);
      return this.reason;
    },
    isMissing: async () => {
      this.looks += 1;
      return this.isMissing;
    },
    busConnection: () => this.connection,
    onNews: () => undefined,
  });

  /** What the list says `ms` later. */
  async after(ms: number, entry: Partial<ManagedProcess>): Promise<Observation> {
    this.now += ms;
    const process = managed(entry);
    const { isOperatorStop, now } = this;
    const seen = this.lost.pass(process, observationOf(process, clock), { isOperatorStop, now });
    await turn();
    return seen;
  }

  /** A restart of ours whose start failed. */
  failsToStart(said = START_ERROR): void {
    this.lost.begin(0);
    this.lost.end(0, 'failed', said);
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
    assert.equal(lost?.entry, `0:100:${managed().startedAt}`);
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

  test('in cluster mode is left as PM2 shows it', async () => {
    const lists = new Lists();
    await lists.after(0, { ...CRASHED, isCluster: true });
    assert.equal((await lists.after(60_000, { ...CRASHED, isCluster: true })).status, 'stopped');
  });
});

describe('a restart of ours whose start failed', () => {
  test('is no stop of the operator: PM2 said why', async () => {
    const lists = new Lists();
    lists.lost.begin(0);
    assert.equal((await lists.after(0, STOPPED)).status, 'transit');
    lists.lost.end(0, 'failed', START_ERROR);
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
