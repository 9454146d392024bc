import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { leaderPid } from '../../src/control/client.ts';
import type { Lease } from '../../src/leader/lease.ts';
import { tryAcquire, waitToLead, type WaitDeps } from '../../src/leader/lock.ts';
import { socketPathOf } from '../../src/control/socket-path.ts';
import { createControlServer } from '../../src/control/server.ts';
import { LocklessLease } from '../../src/leader/lockless-lease.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { systemClock } from '../../src/time/clock.ts';
import { until } from '../support/until.ts';

/** A lock that is held, and can be lost. */
function fakeHeld(): { held: Lease; done: string[]; lose: () => void } {
  const lost = new AbortController();
  const done: string[] = [];
  const held: Lease = {
    path: 's',
    lost: lost.signal,
    trouble: null,
    check: () => Promise.resolve(!lost.signal.aborted),
    release: () => Promise.resolve(void done.push('released')),
  };
  return { held, done, lose: () => lost.abort() };
}

describe('leading without the lock', () => {
  /** Leads without it; `again` answers one try after the other, then fails again. */
  function lead(...answers: (Lease | null)[]): {
    unlocked: LocklessLease;
    clock: FakeClock;
    told: string[];
    again: () => Promise<void>;
  } {
    const clock = new FakeClock();
    const told: string[] = [];
    const unlocked = new LocklessLease({
      path: 's',
      reason: 'EROFS',
      clock,
      again: () => {
        const answer = answers.shift();
        return answer === undefined ? Promise.reject(new Error('ENOSPC')) : Promise.resolve(answer);
      },
      tellLocked: () => told.push('locked'),
    });
    return { unlocked, clock, told, again: () => clock.pass(10_000) };
  }

  test('says why, and leads as long as it fails', async () => {
    const { unlocked, again } = lead();
    assert.equal(unlocked.trouble, 'EROFS');
    await again();
    assert.equal(unlocked.trouble, 'ENOSPC');
    assert.equal(await unlocked.check(), true);
    assert.equal(unlocked.lost.aborted, false);
    await unlocked.release();
  });

  test('takes the lock as soon as it can be had, and gives it back', async () => {
    const { held, done, lose } = fakeHeld();
    const { unlocked, told, again } = lead(held);
    await again();
    assert.deepEqual(told, ['locked']);
    assert.equal(unlocked.trouble, null);
    assert.equal(await unlocked.check(), true);
    lose();
    assert.equal(unlocked.lost.aborted, true);
    assert.equal(await unlocked.check(), false);
    await unlocked.release();
    assert.deepEqual(done, ['released']);
  });

  test('is lost where another has the lock by then', async () => {
    const { unlocked, again } = lead(null);
    await again();
    assert.equal(unlocked.lost.aborted, true);
    assert.equal(await unlocked.check(), false);
  });
});

describe('a lock that cannot be had', { skip: process.platform === 'win32' }, () => {
  let home: string;

  before(() => {
    home = realpathSync(mkdtempSync(join(tmpdir(), 'pl-')));
  });

  after(() => rmSync(home, { recursive: true, force: true }));

  function options(told: string[]): WaitDeps {
    return {
      socket: socketPathOf(home),
      clock: systemClock,
      signal: new AbortController().signal,
      openServer: () => createControlServer(new Map()),
      tell: (news) => told.push(news),
      everyMs: 5,
      mostFailures: 3,
    };
  }

  test('keeps nobody from leading after a few tries, unless somebody leads', async () => {
    const told: string[] = [];
    writeFileSync(join(home, 'pm2-liveness'), '');
    const unlocked = await waitToLead(options(told));
    assert.match(unlocked?.trouble ?? '', /pm2-liveness: cannot be created/);
    assert.deepEqual(told, ['trouble']);
    await unlocked?.release();
    unlinkSync(join(home, 'pm2-liveness'));
    const held = await tryAcquire(options([]));
    assert.ok(held);
    const stopping = new AbortController();
    const waiting = waitToLead({ ...options(told), signal: stopping.signal });
    await until('it stands by', () => told.includes('standby'));
    stopping.abort();
    assert.equal(await waiting, null);
    await held.release();
  });

  test('has no pid of a leader to name', async () => {
    mkdirSync(join(home, 'empty'));
    assert.equal(await leaderPid(join(home, 'empty', 'control.sock')), null);
  });
});
