import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { HeartbeatListener } from '../../src/monitor/heartbeat-listener.ts';
import { UNHEARD } from '../../src/probe/heartbeat.ts';
import { incarnationOf, type ManagedProcess } from '../../src/pm2/process.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { FakePm2, managed } from '../support/fake-pm2.ts';

const WEB = managed({ pmId: 1, pid: 100 });
const OTHER = managed({ pmId: 2, pid: 200 });

/** A HeartbeatListener that follows a list with these processes, 500 ms after the list was requested. */
function listening(...processes: readonly ManagedProcess[]) {
  const clock = new FakeClock();
  const pm2 = new FakePm2();
  const beats = new HeartbeatListener(clock, pm2);
  beats.start();
  const follow = (...listed: readonly ManagedProcess[]): void =>
    beats.follow(listed, clock.now() - 500);
  follow(...processes);
  return { clock, pm2, beats, follow };
}

describe('the heartbeats of apps', () => {
  test('are received for each incarnation by its pm_id', async () => {
    const { clock, pm2, beats } = listening(WEB, OTHER);
    const since = clock.now();
    await clock.pass(1_000);
    pm2.beat(1);
    await clock.pass(200);
    assert.deepEqual(beats.heartbeatOf(incarnationOf(WEB)), {
      lastAt: since + 1_000,
      // Looked at for the first time now: no break of the bus since then is overlooked.
      heardSince: clock.now(),
      vouchedUntil: since - 500,
    });
    assert.equal(beats.heartbeatOf(incarnationOf(OTHER)).lastAt, null);
  });

  test('do not count for the next incarnation', async () => {
    const { clock, pm2, beats, follow } = listening(WEB);
    pm2.beat(1);
    await clock.pass(1_000);
    const next = { ...WEB, pid: 101, startedAt: WEB.startedAt + 1 };
    follow(next);
    assert.deepEqual(beats.heartbeatOf(incarnationOf(WEB)), UNHEARD);
    assert.equal(beats.heartbeatOf(incarnationOf(next)).lastAt, null);
    assert.equal(beats.heartbeatOf(incarnationOf(next)).heardSince, clock.now());
    pm2.beat(1);
    assert.equal(beats.heartbeatOf(incarnationOf(next)).lastAt, clock.now());
  });

  test('are not heard of what is gone, stopped or never was', () => {
    const { pm2, beats, follow } = listening(WEB);
    pm2.beat(7);
    follow({ ...WEB, status: 'stopped' });
    assert.deepEqual(beats.heartbeatOf(incarnationOf(WEB)), UNHEARD);
    assert.deepEqual(beats.heartbeatOf(null), UNHEARD);
  });

  test('are heard from the last connection of the bus on, and not without one', async () => {
    const { clock, pm2, beats } = listening(WEB);
    const heardSince = (): number | null => beats.heartbeatOf(incarnationOf(WEB)).heardSince;
    const began = clock.now();
    assert.equal(heardSince(), began);
    await clock.pass(1_000);
    assert.equal(heardSince(), began);
    pm2.bus = null;
    assert.equal(heardSince(), null);
    pm2.bus = 1;
    assert.equal(heardSince(), clock.now());
    await clock.pass(1_000);
    pm2.bus = 2;
    assert.equal(heardSince(), clock.now(), 'it was away between two looks');
  });

  test('are no longer received after the stop', () => {
    const { pm2, beats } = listening(WEB);
    beats.stop();
    pm2.beat(1);
    assert.equal(beats.heartbeatOf(incarnationOf(WEB)).lastAt, null);
  });
});
