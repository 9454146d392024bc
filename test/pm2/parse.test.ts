import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { toBusEvent, toReply } from '../../src/pm2/bus-event.ts';
import { callPm2 } from '../../src/pm2/call.ts';
import { incarnationOf, toManagedProcess } from '../../src/pm2/process.ts';
import { managed } from '../support/fake-pm2.ts';

const ENTRY = {
  pm_id: 3,
  name: 'web',
  pid: 42,
  pm2_env: { status: 'online', pm_uptime: 5, kill_timeout: '3000', env_liveness: { tcp: 'a:1' } },
};

describe('an entry of PM2’s list', () => {
  test('is reduced to what we need', () => {
    const process = toManagedProcess(ENTRY);
    assert.ok(process);
    const { env, ...rest } = process;
    assert.equal(env, ENTRY.pm2_env);
    assert.deepEqual(rest, {
      pmId: 3,
      name: 'web',
      namespace: 'default',
      instance: 0,
      pid: 42,
      status: 'online',
      errorLog: null,
      outputLog: null,
      startedAt: 5,
      restarts: 0,
      cwd: '',
      isCluster: false,
      killTimeoutMs: 3_000,
      listenTimeoutMs: 3_000,
      block: { tcp: 'a:1' },
    });
  });

  test('has the block that a variable gives as JSON text', () => {
    const blockOf = (text: string): unknown => {
      const pm2_env = { ...ENTRY.pm2_env, env_liveness: text };
      const process = toManagedProcess({ ...ENTRY, pm2_env });
      assert.ok(process);
      return process.block;
    };
    assert.deepEqual(blockOf('{"http":"http://127.0.0.1:3000/"}'), {
      http: 'http://127.0.0.1:3000/',
    });
    assert.equal(blockOf(''), undefined);
    assert.equal(blockOf('{http:1}'), '{http:1}');
    const deep = `${'['.repeat(30_000)}${']'.repeat(30_000)}`;
    assert.equal(blockOf(deep), deep);
    const hidden = `{"a":"${']'.repeat(30_000)}","b":${'['.repeat(9_000)}${']'.repeat(9_000)}}`;
    assert.equal(blockOf(hidden), hidden);
  });

  test('of another shape is left alone', () => {
    for (const odd of [
      null,
      1,
      {},
      { ...ENTRY, pm_id: '3' },
      { ...ENTRY, pm2_env: { status: 'new' } },
    ]) {
      assert.equal(toManagedProcess(odd), null);
    }
  });

  test('has another incarnation for every pid and start', () => {
    const names = [managed(), managed({ pid: 5 }), managed({ startedAt: 6 }), managed({ pmId: 7 })];
    assert.equal(new Set(names.map(incarnationOf)).size, 4);
  });
});

describe('anything that comes over the bus', () => {
  test('is read or refused, and never throws', () => {
    fc.assert(
      fc.property(fc.anything(), (message) => {
        toBusEvent(message);
        toReply(message);
        toManagedProcess(message);
      }),
    );
  });

  test('is read without the environment that PM2 sends along', () => {
    const process = { pm_id: 1, name: 'web', pm_uptime: 1_700, env: { SECRET: 'x' } };
    assert.deepEqual(toBusEvent({ event: 'stop', manually: true, process }), {
      event: 'stop',
      manually: true,
      pmId: 1,
      name: 'web',
      startedAt: 1_700,
    });
    assert.equal(toBusEvent({ event: 'stop', process: { pm_id: '1', name: 'web' } }), null);
  });

  test('an answer is known by process and action', () => {
    const reply = { process: { pm_id: 1 }, data: { action_name: 'status', return: { ok: 1 } } };
    assert.deepEqual(toReply(reply), { pmId: 1, action: 'status', returned: { ok: 1 } });
    assert.equal(toReply({ process: { pm_id: 1 }, data: {} }), null);
  });
});

describe('a call to PM2', () => {
  test('that never calls back ends at its deadline', async () => {
    await assert.rejects(
      callPm2('pm2 list', 20, () => undefined),
      {
        code: 'ERR_PM2_TIMEOUT',
        message: 'pm2 list: no answer within 20 ms',
      },
    );
  });

  test('that fails keeps the cause', async () => {
    const cause = new Error('process not found');
    await assert.rejects(
      callPm2('pm2 stop', 1_000, (done) => done(cause)),
      {
        code: 'ERR_PM2_FAILED',
        message: 'pm2 stop: process not found',
        cause,
      },
    );
  });

  test('that throws, or calls back twice, settles once', async () => {
    await assert.rejects(
      callPm2('pm2 x', 1_000, () => {
        throw new Error('at once');
      }),
      /pm2 x: at once/,
    );
    assert.equal(
      await callPm2('pm2 y', 1_000, (done) => {
        done(null, 1);
        done(new Error('late'));
      }),
      1,
    );
  });
});
