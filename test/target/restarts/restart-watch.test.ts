import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import type { BusEvent } from '../../../src/pm2/bus-event.ts';
import type { ManagedProcess } from '../../../src/pm2/process.ts';
import type { ObservedRestart } from '../../../src/target/restarts/observed-restart.ts';
import { RestartWatch } from '../../../src/target/restarts/restart-watch.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { FakePm2, managed } from '../../support/fake-pm2.ts';

const T0 = 1_700_000_000_000;

describe('why PM2 restarted an app', () => {
  let pm2: FakePm2;
  let clock: FakeClock;
  let watch: RestartWatch;
  let found: ObservedRestart[];
  let env: Record<string, unknown>;

  beforeEach(() => {
    pm2 = new FakePm2();
    clock = new FakeClock();
    found = [];
    env = {};
    watch = new RestartWatch(pm2, clock, (restart) => found.push(restart));
    watch.start();
    lists(T0, 0);
  });

  /** PM2's list shows this incarnation. */
  function lists(startedAt: number, restarts: number, more: Partial<ManagedProcess> = {}): void {
    watch.follow([managed({ pmId: 3, name: 'web', startedAt, restarts, env, ...more })]);
  }

  function says(event: string, startedAt: number, restarts: number, more: Partial<BusEvent> = {}) {
    const at = startedAt + 4_000;
    pm2.says({ event, manually: false, pmId: 3, name: 'web', startedAt, restarts, at, ...more });
  }

  function ends(code: number, signal: string, isOrdered = false, restarts = 0): void {
    pm2.daemonWrites(`App [web:3] exited with code [${code}] via signal [${signal}]\n`, T0);
    says('exit', T0, restarts, { exit: { code, isOrdered } });
  }

  /** PM2 stops it and starts it again. */
  function replaces(): void {
    pm2.daemonWrites('Stopping app:web id:3\n', T0 + 2_000);
    ends(0, 'SIGINT', true);
    says('exit', T0, 0, { exit: { code: 0, isOrdered: false } });
    says('online', T0 + 5_000, 1);
  }

  const causes = (): string[] => found.map(({ cause }) => cause);

  test('a crash has its exit code, its age and the last line that names an error', () => {
    pm2.write(3, 'TypeError: x is no function\n    at main (app.js:3)\n\nNode.js v20.20.0\n');
    ends(1, 'SIGINT');
    says('online', T0 + 5_000, 1);
    assert.deepEqual(found, [
      {
        pmId: 3,
        at: T0 + 5_000,
        cause: 'crash',
        detail: 'crashed after 4s, exit code 1: TypeError: x is no function',
        count: 1,
      },
    ]);
  });

  test('a signal from outside is named', () => {
    ends(0, 'SIGTERM');
    says('online', T0 + 5_000, 1);
    assert.equal(found[0]?.detail, 'ended after 4s by SIGTERM');
  });

  test('an end with code 0 is not called a crash, and SIGINT, which PM2 writes for it, is not believed', () => {
    ends(0, 'SIGINT');
    says('online', T0 + 5_000, 1);
    assert.deepEqual(causes(), ['exit']);
    assert.match(found[0]?.detail ?? '', /exit code 0 \(or SIGINT: PM2 does not tell them apart\)/);
  });

  test('the next incarnation can be known by its own end, where PM2 says nothing of its start', () => {
    ends(1, 'SIGINT');
    says('exit', T0 + 5_000, 1, { exit: { code: 7, isOrdered: false } });
    says('online', T0 + 9_000, 2);
    assert.deepEqual(causes(), ['crash', 'crash']);
  });

  test('a watched file is named, at every process of that name', () => {
    pm2.daemonWrites('Change detected on path src/a b.js for app web - restarting\n', T0 + 2_000);
    replaces();
    assert.deepEqual(causes(), ['watch']);
    assert.match(found[0]?.detail ?? '', /src\/a b\.js/);
  });

  test('a watched file of another app is not the reason', () => {
    pm2.daemonWrites('Change detected on path a.js for app other - restarting\n', T0 + 2_000);
    replaces();
    says('restart', T0 + 5_000, 1, { manually: true });
    assert.deepEqual(causes(), ['operator']);
  });

  test('a watched file is not the reason of what happens long after', () => {
    pm2.daemonWrites('Change detected on path a.js for app web - restarting\n', T0 - 60_000);
    replaces();
    assert.deepEqual(causes(), []);
  });

  test('a watched file is not the reason of a crash', () => {
    pm2.daemonWrites('Change detected on path a.js for app web - restarting\n', T0);
    ends(1, 'SIGINT');
    says('online', T0 + 5_000, 1);
    assert.deepEqual(causes(), ['crash']);
  });

  test('the memory limit comes with both figures', () => {
    const line =
      'Process 3 restarted because it exceeds --max-memory-restart value (current_memory=342806528 max_memory_limit=104857600 [octets])';
    pm2.daemonWrites(`[PM2][WORKER] ${line}\n`, T0 + 2_000);
    replaces();
    assert.deepEqual(causes(), ['memory']);
    assert.equal(found[0]?.detail, 'it used 327 MB, its max_memory_restart is 100 MB');
  });

  test('a command is known when PM2 reports it', () => {
    replaces();
    assert.deepEqual(causes(), []);
    says('restart', T0 + 5_000, 1, { manually: true });
    assert.deepEqual(causes(), ['operator']);
  });

  test('a reload, in which the old process has another number, is a command', () => {
    says('online', T0 + 5_000, 1);
    says('reload', T0 + 5_000, 1, { manually: true });
    assert.deepEqual(causes(), ['operator']);
    assert.match(found[0]?.detail ?? '', /^pm2 reload/);
  });

  test('a cron_restart that was due is the reason when no command is reported', async () => {
    env = { cron_restart: '* * * * * *' };
    pm2.daemonWrites('[PM2] Deregistering a cron job on: 3\n', T0 + 2_000);
    replaces();
    lists(T0 + 5_000, 1);
    assert.deepEqual(causes(), []);
    await clock.pass(10_000);
    lists(T0 + 5_000, 1);
    assert.equal(found[0]?.detail, "cron_restart '* * * * * *' was due");
  });

  test('a cron_restart says so where it starts what was stopped', async () => {
    env = { cron_restart: '* * * * * *' };
    pm2.daemonWrites('Stopping app:web id:3\n', T0 + 2_000);
    ends(0, 'SIGINT', true);
    says('stop', T0, 0, { manually: true });
    pm2.daemonWrites('[PM2] Deregistering a cron job on: 3\n', T0 + 20_000);
    says('online', T0 + 20_000, 0);
    await clock.pass(10_000);
    lists(T0 + 20_000, 0);
    assert.match(found[0]?.detail ?? '', /was due, though the app had been stopped$/);
  });

  test('a cron_restart that was not due is not blamed', async () => {
    env = { cron_restart: `${(new Date(T0).getMinutes() + 30) % 60} * * * *` };
    pm2.daemonWrites('[PM2] Deregistering a cron job on: 3\n', T0 + 2_000);
    replaces();
    await clock.pass(10_000);
    lists(T0 + 5_000, 1);
    assert.deepEqual(causes(), ['unknown']);
  });

  test('what nobody claims is unknown', async () => {
    replaces();
    await clock.pass(9_900);
    lists(T0 + 5_000, 1);
    assert.deepEqual(causes(), []);
    await clock.pass(200);
    lists(T0 + 5_000, 1);
    assert.deepEqual(causes(), ['unknown']);
  });

  test('what happens while a restart of ours is under way is ours, but for a crash', async () => {
    clock.wallTime = T0 + 1_000;
    let end: (result: { result: string }) => void = () => undefined;
    const restart = new Promise<{ result: string }>((resolve) => (end = resolve));
    const followed = watch.followOwn({ pmId: 3 }, restart);
    replaces();
    says('restart', T0 + 5_000, 1, { manually: true });
    clock.wallTime = T0 + 6_000;
    end({ result: 'done' });
    await followed;
    assert.deepEqual(causes(), ['us']);
  });

  test('what the bus was not there for was not observed, and is counted by PM2', async () => {
    pm2.bus = 1;
    lists(T0 + 30_000, 4);
    await clock.pass(3_000);
    lists(T0 + 30_000, 4);
    assert.deepEqual(
      found.map(({ cause, count }) => [cause, count]),
      [['unseen', 3]],
    );
    await clock.pass(10_000);
    lists(T0 + 30_000, 4);
    assert.deepEqual(causes(), ['unseen', 'unseen']);
  });

  test('a list that is ahead of the bus takes no cause away', () => {
    lists(T0 + 5_000, 1);
    ends(1, 'SIGINT');
    says('online', T0 + 5_000, 1);
    lists(T0 + 5_000, 1);
    assert.deepEqual(causes(), ['crash']);
  });

  describe('of an app that was down does not name what had ended it', () => {
    /** Its end, which PM2 leaves at that. */
    function isGivenUp(): void {
      pm2.daemonWrites('App [web:3] exited with code [1] via signal [SIGINT]\n', T0);
      says('restart overlimit', T0, 0);
      says('exit', T0, 0, { exit: { code: 1, isOrdered: false } });
    }

    test('where a person starts it', () => {
      isGivenUp();
      says('online', T0 + 60_000, 1);
      says('restart', T0 + 60_000, 1, { manually: true });
      assert.deepEqual(causes(), ['operator']);
    });

    test('where a person had stopped it while it waited for its restart', () => {
      ends(1, 'SIGINT');
      says('stop', T0, 0, { manually: true });
      says('online', T0 + 60_000, 0);
      says('start', T0 + 60_000, 0, { manually: true });
      assert.deepEqual(causes(), ['operator']);
    });

    test('where PM2 watches its files', () => {
      isGivenUp();
      pm2.daemonWrites('Change detected on path a.js for app web - restarting\n', T0 + 60_000);
      says('online', T0 + 60_100, 1);
      assert.deepEqual(causes(), ['watch']);
    });

    test('where its cron_restart is due, and PM2 restarts it for nothing else', async () => {
      env = { cron_restart: '* * * * * *', autorestart: false };
      lists(T0, 0);
      ends(0, 'SIGINT');
      pm2.daemonWrites('[PM2] Deregistering a cron job on: 3\n', T0 + 60_000);
      says('online', T0 + 60_000, 1);
      await clock.pass(10_000);
      lists(T0 + 60_000, 1);
      assert.deepEqual(causes(), ['cron']);
    });

    for (const status of ['stopped', 'errored', 'waiting restart'] as const) {
      test(`where we start it, and only the list said that it is ${status}`, async () => {
        ends(1, 'SIGINT');
        lists(T0, 0, { status, pid: 0 });
        clock.wallTime = T0 + 60_000;
        let end: (result: { result: string }) => void = () => undefined;
        const start = new Promise<{ result: string }>((resolve) => (end = resolve));
        const followed = watch.followOwn({ pmId: 3 }, start);
        says('online', T0 + 60_010, 1);
        end({ result: 'done' });
        await followed;
        assert.deepEqual(causes(), ['us']);
      });
    }

    test('where nobody claims it', async () => {
      isGivenUp();
      says('online', T0 + 60_000, 1);
      await clock.pass(10_000);
      lists(T0 + 60_000, 1);
      assert.deepEqual(causes(), ['unknown']);
    });

    test('but an app with the pid of what ended is about to be restarted for that', () => {
      ends(1, 'SIGINT');
      lists(T0, 0, { status: 'waiting restart', pid: 100 });
      says('online', T0 + 5_000, 1);
      assert.deepEqual(causes(), ['crash']);
    });
  });

  for (const [what, fields, waitMs] of [
    ['with wait_ready', { env: { wait_ready: true }, listenTimeoutMs: 30_000 }, 40_000],
    ['of a cluster', { isCluster: true, listenTimeoutMs: 30_000, killTimeoutMs: 5_000 }, 45_000],
  ] as const) {
    test(`a command is waited for as long as PM2 may take for an app ${what}`, async () => {
      lists(T0, 0, fields);
      replaces();
      await clock.pass(waitMs - 100);
      lists(T0 + 5_000, 1, fields);
      assert.deepEqual(causes(), []);
      says('restart', T0 + 5_000, 1, { manually: true });
      assert.deepEqual(causes(), ['operator']);
    });
  }

  test('an app that is not watched costs nothing and is not reported', () => {
    watch.follow([]);
    ends(1, 'SIGINT');
    says('online', T0 + 5_000, 1);
    assert.deepEqual(found, []);
  });
});
