import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readBlock } from '../../src/config/target-config.ts';
import { numberOf, targetsOf, type Configured } from '../../src/target/grouping.ts';
import type { ManagedProcess } from '../../src/pm2/process.ts';
import { managed } from '../support/fake-pm2.ts';

const BLOCK = { http: 'http://127.0.0.1:${PORT}/' };

/** One instance in cluster mode, as PM2 lists it. */
function instance(pmId: number, fields: Partial<ManagedProcess> = {}): Configured {
  const env = { PORT: 3_000, NODE_APP_INSTANCE: pmId, pm_id: pmId, ...fields.env };
  const own = { pmId, instance: pmId, pid: 100 + pmId, isCluster: true, block: BLOCK };
  const process = managed({ ...own, ...fields, env });
  const read = readBlock(process.block, process.env);
  assert.ok(read.ok);
  return { process, config: read.config, instance: numberOf(process) };
}

/** The pm_ids of each target. */
function idsOf(...configured: Configured[]): number[][] {
  return targetsOf(configured).map(({ processes }) => processes.map(({ pmId }) => pmId));
}

describe('one target are', () => {
  const cases: [string, Configured[], number[][]][] = [
    ['instances behind one port', [instance(2), instance(0), instance(1)], [[0, 1, 2]]],
    [
      'not: instances with a port each',
      [instance(0), instance(1, { env: { PORT: 3_001 } })],
      [[0], [1]],
    ],
    [
      'not: processes in fork mode, behind one port though they may be',
      [instance(0, { isCluster: false }), instance(1, { isCluster: false })],
      [[0], [1]],
    ],
    [
      'not: instances that speak for themselves',
      [0, 1].map((id) => instance(id, { block: { heartbeat: '5s' } })),
      [[0], [1]],
    ],
    ['not: apps of another name', [instance(0), instance(1, { name: 'api' })], [[0], [1]]],
    ['not: apps of another namespace', [instance(0), instance(1, { namespace: 'b' })], [[0], [1]]],
    ['not: apps of another folder', [instance(0), instance(1, { cwd: '/b' })], [[0], [1]]],
    [
      'not: instances that must answer otherwise',
      ['/a/', '/b/'].map((body, id) =>
        instance(id, { block: { http: { url: 'http://127.0.0.1:3000/', body } } }),
      ),
      [[0], [1]],
    ],
    [
      'instances whose other settings differ, in the middle of a rolling restart',
      [instance(0, { block: { ...BLOCK, period: '1s' } }), instance(1)],
      [[0, 1]],
    ],
  ];
  for (const [what, configured, ids] of cases) {
    test(what, () => assert.deepEqual(idsOf(...configured), ids));
  }

  test('and the newest process says how they are judged', () => {
    const old = instance(1);
    const young = instance(0, { block: { ...BLOCK, period: '1s' }, startedAt: Number.MAX_VALUE });
    assert.equal(targetsOf([young, old])[0]?.config.schedule.periodMs, 1_000);
    assert.equal(targetsOf([old, young])[0]?.config.schedule.periodMs, 1_000);
  });
});

describe('what a target is called, from list to list', () => {
  test('stays the same when it is scaled, reloaded and renumbered', () => {
    const [three] = targetsOf([instance(0), instance(1), instance(2)]);
    const [one] = targetsOf([instance(2, { startedAt: 5 })]);
    const [renumbered] = targetsOf([instance(7, { instance: 1 }), instance(8, { instance: 0 })]);
    assert.equal(one?.key, three?.key);
    assert.equal(renumbered?.key, three?.key);
    assert.deepEqual([three?.instance, one?.instance, renumbered?.instance], [0, 0, 0]);
  });

  test('of instances with a port each is their own number', () => {
    const env = { increment_var: 'PORT' };
    const targets = targetsOf([
      instance(4, { instance: 1, env: { ...env, PORT: 3_001 } }),
      instance(9, { instance: 2, env: { ...env, PORT: 3_002 } }),
    ]);
    assert.deepEqual(
      targets.map((target) => target.instance),
      [1, 2],
    );
  });

  test('follows any variable by which an instance is probed', () => {
    const asks = (text: string, env = {}): number =>
      instance(3, { block: { exec: `check ${text}` }, env }).instance;
    assert.equal(asks('${NODE_APP_INSTANCE}'), 3);
    assert.equal(asks('${pm_id}'), 3);
    assert.equal(asks('${NTH}', { instance_var: 'NTH', NTH: 3 }), 3);
    assert.equal(asks('${PORT}'), 0);
  });

  test('of instances that speak for themselves is their own number', () => {
    assert.equal(instance(3, { block: { heartbeat: '5s' } }).instance, 3);
  });

  test('in fork mode is PM2’s own number, as ever', () => {
    assert.equal(instance(3, { isCluster: false }).instance, 3);
  });
});
