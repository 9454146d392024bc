import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { checkOrder, type RestartOrder } from '../../src/action/restart-order.ts';
import { startLost } from '../../src/action/start-lost.ts';
import { entryIdOf, type ManagedProcess } from '../../src/pm2/process.ts';
import { FakePm2, managed } from '../support/fake-pm2.ts';

const CRASHED = managed({ status: 'stopped' });
const WAITING = managed({ status: 'waiting restart' });
const UNSPAWNED = managed({ pid: 0 });
const STOPPED = managed({ status: 'stopped', pid: 0 });

async function start(
  process: ManagedProcess,
  {
    births = new Map(),
    intent = null,
  }: { readonly births?: Map<number, string> | null; readonly intent?: 'stop' | null } = {},
): Promise<readonly string[]> {
  const pm2 = new FakePm2();
  pm2.processes = [process];
  await startLost(process, { pm2, reader: { births: async () => births } }, { intent });
  return pm2.calls;
}

describe('starting an app that PM2 lost', () => {
  test('makes PM2 forget the pid of its exited process first, because it starts none beside one', async () => {
    assert.deepEqual(await start(CRASHED), ['clear 0', 'restart 0']);
    assert.deepEqual(await start(WAITING), ['clear 0', 'restart 0']);
  });

  test('needs no more than the restart where PM2 has no pid', async () => {
    assert.deepEqual(await start(UNSPAWNED), ['restart 0']);
    assert.deepEqual(await start(STOPPED), ['restart 0']);
  });

  test('leaves a pid alone that somebody else has by now, or that nothing is known of', async () => {
    for (const births of [new Map([[100, 'born']]), null]) {
      await assert.rejects(start(WAITING, { births }), { code: 'ERR_PID_REUSED' });
      // PM2 signals nobody for one that is stopped already.
      assert.deepEqual(await start(CRASHED, { births }), ['clear 0', 'restart 0']);
    }
  });

  test('gives way to an operator who stops it meanwhile', async () => {
    assert.deepEqual(await start(CRASHED, { intent: 'stop' }), ['clear 0']);
  });
});

describe('the order for it', () => {
  const orderFor = (process: ManagedProcess): RestartOrder => {
    const lost = entryIdOf(process);
    return { pmId: 0, name: 'web', method: 'restart', incarnation: null, lost, orphan: [] };
  };

  test('fits the very entry that was lost', () => {
    for (const entry of [CRASHED, WAITING, UNSPAWNED, STOPPED]) {
      assert.equal(checkOrder(orderFor(entry), [entry]).proceed, true);
    }
  });

  test('does not fit one that the operator stopped or started since', () => {
    const givenUp = managed({ status: 'errored', pid: 0 });
    for (const entry of [CRASHED, WAITING, UNSPAWNED, givenUp]) {
      for (const now of [
        STOPPED,
        managed(),
        managed({ pid: 200 }),
        managed({ status: 'stopping' }),
      ]) {
        assert.equal(checkOrder(orderFor(entry), [now]).proceed, false);
      }
    }
    const again = managed({ pid: 0, startedAt: UNSPAWNED.startedAt + 1 });
    assert.equal(checkOrder(orderFor(UNSPAWNED), [again]).proceed, false);
  });
});
