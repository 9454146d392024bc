import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { toManagedProcess, type ManagedProcess } from '../../src/pm2/process.ts';
import { observationOf, type Observation } from '../../src/target/observation.ts';
import { Pm2Waits } from '../../src/target/pm2-wait.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { managed } from '../support/fake-pm2.ts';

const clock = new FakeClock();

/** What is known of a process in PM2's list at `now`, and how often a long stop was reported until then. */
function watch(reports: number[] = []) {
  const waits = new Pm2Waits((_, now) => reports.push(now));
  return (process: ManagedProcess, now = 0): Observation['pm2Wait'] =>
    waits.pass(process, observationOf(process, clock), now).pm2Wait;
}

describe('what PM2 waits for', () => {
  test('nothing, while the app runs or is stopped', () => {
    const see = watch();
    for (const status of ['online', 'stopped', 'errored', 'launching'] as const) {
      assert.equal(see(managed({ status })), undefined, status);
    }
  });

  test('the exit of a process that it stops, by the kill_timeout of the app', () => {
    const see = watch();
    const stopping = managed({ status: 'stopping', killTimeoutMs: 20_000 });
    const wanted = { type: 'stopping', since: 100, killTimeoutMs: 20_000, overdueAt: 22_100 };
    assert.deepEqual(see(stopping, 100), wanted);
    assert.deepEqual(see(stopping, 9_000), wanted);
    see(managed(), 10_000);
    assert.deepEqual(see(stopping, 11_000), { ...wanted, since: 11_000, overdueAt: 33_000 });
  });

  test('a long stop is reported once, and once more when SIGKILL has not helped', () => {
    const reports: number[] = [];
    const see = watch(reports);
    const stopping = managed({ status: 'stopping', killTimeoutMs: 20_000 });
    for (let now = 0; now <= 60_000; now += 1_000) see(stopping, now);
    assert.deepEqual(reports, [11_000, 23_000]);
    see(managed(), 61_000);
    for (let now = 62_000; now <= 75_000; now += 1_000) see(stopping, now);
    assert.deepEqual(reports, [11_000, 23_000, 73_000]);
  });

  test('a stop with the default kill_timeout is reported only when SIGKILL has not helped', () => {
    const reports: number[] = [];
    const see = watch(reports);
    for (let now = 0; now <= 30_000; now += 500) see(managed({ status: 'stopping' }), now);
    assert.deepEqual(reports, [4_000]);
  });

  test('the ready message of an app with wait_ready', () => {
    const see = watch();
    const launching = { status: 'launching', listenTimeoutMs: 15_000 } as const;
    const wanted = { type: 'ready', listenTimeoutMs: 15_000 };
    assert.deepEqual(see(managed({ ...launching, env: { wait_ready: true } })), wanted);
    assert.equal(see(managed({ ...launching, env: { wait_ready: false } })), undefined);
    assert.equal(see(managed({ status: 'online', env: { wait_ready: true } })), undefined);
  });

  test('the cron_restart of a stopped app; PM2 takes 0 for none', () => {
    const see = watch();
    const env = { cron_restart: '0 3 * * *' };
    const wanted = { type: 'cron', pattern: '0 3 * * *' };
    assert.deepEqual(see(managed({ status: 'stopped', pid: 0, env })), wanted);
    assert.equal(see(managed({ env })), undefined);
    for (const none of ['0', 0, '', undefined]) {
      const off = managed({ status: 'stopped', pid: 0, env: { cron_restart: none } });
      assert.equal(see(off), undefined, String(none));
    }
  });
});

test('a kill_timeout or listen_timeout of 0 is the default, as in PM2', () => {
  const of = (env: object): ManagedProcess | null =>
    toManagedProcess({ pm_id: 1, name: 'web', pm2_env: { status: 'online', ...env } });
  const { killTimeoutMs, listenTimeoutMs } =
    of({ kill_timeout: 0, listen_timeout: 0 }) ?? managed();
  assert.deepEqual([killTimeoutMs, listenTimeoutMs], [1_600, 3_000]);
  assert.equal(of({ kill_timeout: '12000' })?.killTimeoutMs, 12_000);
});
