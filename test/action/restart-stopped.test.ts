import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  requireStopped,
  restartStopped,
  type RestartStoppedDeps,
} from '../../src/action/restart-stopped.ts';
import { codeOf } from '../../src/errors.ts';
import type { ProcessFacts } from '../../src/os/os-reader.ts';
import type { ManagedProcess } from '../../src/pm2/process.ts';
import { systemClock } from '../../src/time/clock.ts';
import { managed } from '../support/fake-pm2.ts';
import { facts, SlowPm2 } from '../support/slow-pm2.ts';

const WEB = managed({ pid: 100, env: { treekill: true } });

interface Play {
  readonly shown?: Partial<ManagedProcess> | null;
  readonly goesOn?: readonly number[];
  readonly births?: Readonly<Record<number, string>>;
  readonly web?: ManagedProcess;
}

async function restarted(
  table: readonly ProcessFacts[],
  { shown = { status: 'stopping' }, goesOn = [], births = {}, web = WEB }: Play = {},
): Promise<readonly number[]> {
  const pm2 = new SlowPm2();
  pm2.processes = [web];
  pm2.shown = shown;
  const reader: RestartStoppedDeps['reader'] = {
    processes: async () => new Map(table.map((each) => [each.pid, each])),
    stopped: async (pid) =>
      goesOn.includes(pid) ? null : { birth: births[pid] ?? `b${pid}`, switches: 1 },
    births: async (pids) => new Map(pids.map((pid) => [pid, births[pid] ?? `b${pid}`])),
  };
  const send: NonNullable<RestartStoppedDeps['send']> = (pid, signal) => {
    assert.equal(signal, 'SIGKILL');
    pm2.killed.push(pid);
    return 'sent';
  };
  await restartStopped(web, { pm2, clock: systemClock, reader, send });
  assert.deepEqual(pm2.calls, ['restart 0']);
  return pm2.killed;
}

describe('the restart of an app that a signal has stopped', () => {
  test('kills it as soon as PM2 stops it, and its stopped children', async () => {
    assert.deepEqual(await restarted([facts(100), facts(101)]), [100, 101]);
  });

  test('kills its first process alone where PM2 leaves the others running (`treekill: false`)', async () => {
    const web = managed({ pid: 100, env: { treekill: false } });
    assert.deepEqual(await restarted([facts(100), facts(101)], { web }), [100]);
  });

  test('leaves the full kill_timeout to those of its processes that run', async () => {
    assert.deepEqual(await restarted([facts(100, { state: 'sleeping' }), facts(101)]), [101]);
  });

  test('kills nothing before PM2 stops the app: PM2 would take it for a crash', async () => {
    assert.deepEqual(await restarted([facts(100)], { shown: null }), []);
  });

  test('kills nothing of a new incarnation', async () => {
    const shown = { status: 'stopping', pid: 200 } as const;
    assert.deepEqual(await restarted([facts(100)], { shown }), []);
  });

  test('kills none that goes on, is traced, or whose pid another process has', async () => {
    assert.deepEqual(await restarted([facts(100)], { goesOn: [100] }), []);
    assert.deepEqual(await restarted([facts(100, { tracerPid: 7 })]), []);
    assert.deepEqual(await restarted([facts(100)], { births: { 100: 'other' } }), []);
  });

  test('is not issued where it runs again', async () => {
    const life = { pid: 100, birth: 'b100' };
    const stoppedAs = (birth: string | null) => ({
      stopped: async () => (birth === null ? null : { birth, switches: 1 }),
    });
    await requireStopped(life, stoppedAs('b100'));
    for (const birth of [null, 'other']) {
      await assert.rejects(
        requireStopped(life, stoppedAs(birth)),
        (error) => codeOf(error) === 'ERR_RUNS_AGAIN',
      );
    }
  });
});
