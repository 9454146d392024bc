import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { restartBusy, type RestartBusyDeps } from '../../src/action/restart-busy.ts';
import type { BusyThread } from '../../src/os/os-reader.ts';
import type { ManagedProcess } from '../../src/pm2/process.ts';
import { systemClock } from '../../src/time/clock.ts';
import { managed } from '../support/fake-pm2.ts';
import { facts, SlowPm2 } from '../support/slow-pm2.ts';

const WEB = managed({ pid: 100, env: { treekill: true } });
const BUSY = { pid: 101, birth: 'b101', sleeps: 7, waiting: 3, port: 80 };

/** npm (100) and the app (101). */
const TABLE = new Map([100, 101].map((pid) => [pid, facts(pid, { state: 'running' })]));

/** Restarts it; `now` is what the look at its thread just before shows. */
async function restarted(
  now: Partial<BusyThread> | null,
  {
    status = 'stopping',
    busy = BUSY,
  }: { status?: ManagedProcess['status']; busy?: typeof BUSY } = {},
): Promise<readonly number[]> {
  const pm2 = new SlowPm2();
  pm2.processes = [WEB];
  pm2.shown = { status };
  const reader: RestartBusyDeps['reader'] = {
    processes: async () => TABLE,
    busyThread: async () =>
      now === null ? null : { birth: 'b101', sleeps: 7, cpuMs: 9, waiting: 3, ...now },
    births: async (pids) => new Map(pids.map((pid) => [pid, `b${pid}`])),
  };
  const send: NonNullable<RestartBusyDeps['send']> = (pid, signal) => {
    assert.equal(signal, 'SIGKILL');
    pm2.killed.push(pid);
    return 'sent';
  };
  await restartBusy(WEB, busy, { pm2, clock: systemClock, reader, send });
  assert.deepEqual(pm2.calls, ['restart 0']);
  return pm2.killed;
}

describe('the restart of an app whose event loop does not turn', () => {
  test('kills this one process as soon as PM2 stops the app', async () => {
    assert.deepEqual(await restarted({}), [101]);
    assert.deepEqual(await restarted({ waiting: 9 }), [101]);
  });

  test('leaves it its kill_timeout where it has come back since', async () => {
    assert.deepEqual(await restarted(null), []);
    assert.deepEqual(await restarted({ sleeps: 8 }), []);
    assert.deepEqual(await restarted({ waiting: 0 }), []);
    assert.deepEqual(await restarted({ birth: 'other' }), []);
  });

  test('kills nothing before PM2 stops the app: PM2 would take it for a crash', async () => {
    assert.deepEqual(await restarted({}, { status: 'online' }), []);
  });

  test('kills no process that is not of the app', async () => {
    assert.deepEqual(await restarted({}, { busy: { ...BUSY, birth: 'older' } }), []);
    assert.deepEqual(await restarted({}, { busy: { ...BUSY, pid: 555 } }), []);
  });
});
