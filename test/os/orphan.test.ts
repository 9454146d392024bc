import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { findOrphan } from '../../src/diagnosis/find-orphan.ts';
import {
  isDetachedPart,
  orphanTree,
  proveOrphan,
  type OrphanEvidence,
} from '../../src/os/orphan.ts';
import type { Markers, ProcessFacts, ProcessTable } from '../../src/os/os-reader.ts';
import { facts, tableOf } from './support/facts.ts';

const BORN = 1_700_000_100_000;
const DAEMON = 50;
const SELF = 60;
const ROOT = 100;
const SH = 200;
const VITE = 201;
const ESBUILD = 202;

const old = { startedAtMs: BORN - 60_000 };
const processes: ProcessFacts[] = [
  facts({ pid: 1, ppid: 0, uid: 0, startedAtMs: 0 }),
  facts({ pid: DAEMON, startedAtMs: BORN - 90_000 }),
  facts({ pid: SELF, ppid: DAEMON, startedAtMs: BORN - 80_000 }),
  facts({ pid: ROOT, ppid: DAEMON, startedAtMs: BORN }),
  facts({ pid: 101, ppid: ROOT, startedAtMs: BORN }),
  facts({ pid: SH, ...old }),
  facts({ pid: VITE, ppid: SH, ...old }),
  facts({ pid: ESBUILD, ppid: VITE, ...old }),
];

const marks: Markers = {
  pm2Home: '/home/ann/.pm2',
  name: 'web',
  pmId: '0',
  cwd: '/srv/web',
  uniqueId: 'u',
};

const ground: OrphanEvidence = {
  table: tableOf(...processes),
  app: {
    name: 'web',
    pmId: 0,
    pm2Home: '/home/ann/.pm2/',
    cwd: '/srv/web',
    uid: 1_000,
    pid: ROOT,
    startedAtMs: BORN + 300,
    siblings: [],
  },
  bystanders: { pm2Pids: [ROOT, SELF], daemonPid: DAEMON, ownPid: SELF },
};

const get = (pid: number, table: ProcessTable = ground.table): ProcessFacts =>
  table.get(pid) ?? assert.fail(`no ${pid}`);
const withProcess = (...changed: ProcessFacts[]): OrphanEvidence => ({
  ...ground,
  table: tableOf(...processes, ...changed),
});
const withApp = (app: Partial<OrphanEvidence['app']>): OrphanEvidence => ({
  ...ground,
  app: { ...ground.app, ...app },
});
const withBystanders = (more: Partial<OrphanEvidence['bystanders']>): OrphanEvidence => ({
  ...ground,
  bystanders: { ...ground.bystanders, ...more },
});

describe('the proof that a process is an orphan of the app', () => {
  test('is complete', () => {
    assert.deepEqual(proveOrphan(get(VITE), marks, ground), { isProven: true });
    assert.deepEqual(proveOrphan(get(SH), marks, ground), { isProven: true });
  });

  const shell = facts({ pid: SH, ppid: DAEMON, ...old });
  const young = facts({ pid: VITE, ppid: SH, startedAtMs: BORN });
  for (const [what, candidate, markers, judged, reason] of [
    ['pid 1', get(1), marks, withApp({ uid: 0 }), 'first process'],
    ['ourselves', get(SELF), marks, ground, 'monitor itself'],
    ['the daemon', get(DAEMON), marks, ground, 'is the PM2 daemon'],
    ['no daemon known', get(VITE), marks, withBystanders({ daemonPid: 0 }), 'not known'],
    ['another user', facts({ pid: VITE, ...old, uid: 0 }), marks, ground, 'another user'],
    ['an unknown user', facts({ pid: VITE, ...old, uid: null }), marks, ground, 'not known'],
    ["the app's user unknown", get(VITE), marks, withApp({ uid: null }), 'not known'],
    ['no markers', get(VITE), null, ground, 'environment'],
    ['another PM2_HOME', get(VITE), { ...marks, pm2Home: '/root/.pm2' }, ground, 'PM2_HOME'],
    ['no PM2_HOME', get(VITE), { ...marks, pm2Home: null }, ground, 'PM2_HOME'],
    ['another name', get(VITE), { ...marks, name: 'api' }, ground, 'as web'],
    ['no name', get(VITE), { ...marks, name: null }, ground, 'as web'],
    ['another folder', get(VITE), { ...marks, cwd: '/srv/web2' }, ground, 'folder'],
    ['no folder', get(VITE), { ...marks, cwd: null }, ground, 'folder'],
    ['a PM2 process', get(VITE), marks, withBystanders({ pm2Pids: [VITE] }), 'PM2 process'],
    ['below a PM2 process', get(VITE), marks, withBystanders({ pm2Pids: [SH] }), 'PM2 process'],
    ['below the daemon', get(VITE), marks, withProcess(shell), 'daemon has it'],
    ['of the present life', young, marks, withProcess(young), 'before the current process'],
    [
      'the same moment, by PM2',
      get(VITE),
      marks,
      withApp({ pid: 0, startedAtMs: BORN - 59_000 }),
      'before the current process',
    ],
  ] as const) {
    test(`${what}: not proven`, () => {
      const proof = proveOrphan(candidate, markers, judged);
      assert.equal(proof.isProven, false);
      assert.match(proof.isProven ? '' : proof.missing, new RegExp(reason));
    });
  }

  test('while PM2 runs nothing for the app, PM2 has the start of its last incarnation', () => {
    assert.equal(proveOrphan(get(VITE), marks, withApp({ pid: 0 })).isProven, true);
  });

  test('a daemon that is pid 1 of a container adopts orphans', () => {
    const contained = withBystanders({ daemonPid: 1 });
    assert.equal(proveOrphan(get(VITE), marks, contained).isProven, true);
  });
});

describe('what to stop', () => {
  const all = new Set([SH, VITE]);
  const pids = (tree: readonly ProcessFacts[]): number[] => tree.map(({ pid }) => pid);

  test('everything from the topmost proven one, parents first', () => {
    assert.deepEqual(pids(orphanTree(ground, VITE, all)), [SH, VITE, ESBUILD]);
    assert.deepEqual(pids(orphanTree(ground, VITE, new Set([VITE]))), [VITE, ESBUILD]);
    assert.deepEqual(orphanTree(ground, VITE, new Set()), []);
  });

  test("another user's process is left out", () => {
    const judged = withProcess(facts({ pid: 203, ppid: VITE, uid: 0, ...old }));
    assert.deepEqual(pids(orphanTree(judged, VITE, all)), [SH, VITE, ESBUILD]);
  });

  test('nothing, when a process is there that must not be stopped', () => {
    for (const pid of [DAEMON, SELF, ROOT]) {
      const judged = withProcess(facts({ pid, ppid: VITE, startedAtMs: BORN }));
      assert.deepEqual(orphanTree(judged, VITE, all), [], String(pid));
    }
  });

  test('is found with the markers of the whole line', async () => {
    const read: number[] = [];
    const markers = async (pid: number): Promise<Markers> => {
      read.push(pid);
      return marks;
    };
    const found = await findOrphan({ markers }, VITE, ground);
    assert.deepEqual(found.kind === 'orphan' && pids(found.tree), [SH, VITE, ESBUILD]);
    assert.deepEqual(read, [VITE, SH]);
  });

  test('a parent that is not proven stays, and a stranger is foreign', async () => {
    const onlyVite = async (pid: number): Promise<Markers | null> => (pid === VITE ? marks : null);
    const found = await findOrphan({ markers: onlyVite }, VITE, ground);
    assert.deepEqual(found.kind === 'orphan' && pids(found.tree), [VITE, ESBUILD]);
    const foreign = await findOrphan({ markers: async () => null }, VITE, ground);
    assert.deepEqual(foreign, { kind: 'foreign', missing: 'its environment cannot be read' });
    assert.equal((await findOrphan({ markers: onlyVite }, 999, ground)).kind, 'foreign');
  });
});

test('a server that left the tree of the present incarnation is still a part of the app', () => {
  const part = facts({ pid: 300, startedAtMs: BORN + 1_000 });
  const judged = withProcess(part);
  assert.equal(isDetachedPart(part, marks, judged), true);
  assert.equal(isDetachedPart(get(VITE), marks, judged), false);
  assert.equal(isDetachedPart(part, { ...marks, pmId: '1' }, judged), false);
  assert.equal(isDetachedPart(part, null, judged), false);
  assert.equal(isDetachedPart(part, marks, { ...judged, app: { ...judged.app, pid: 0 } }), false);
  const instance = { ...judged, bystanders: { ...judged.bystanders, pm2Pids: [300] } };
  assert.equal(isDetachedPart(part, marks, instance), false);
});

describe('what a review feared for', () => {
  const proven = new Set([SH, VITE, ESBUILD]);

  test('an orphan of another instance that PM2 has belongs to that instance', () => {
    const withSibling = { ...ground, app: { ...ground.app, pmId: 1, siblings: [0] } };
    const candidate = ground.table.get(VITE);
    assert.ok(candidate);
    assert.deepEqual(proveOrphan(candidate, marks, withSibling), {
      isProven: false,
      missing: 'it belongs to another instance of the app',
    });
  });

  test('a parent in another session is not reached, and a child in one is not stopped', () => {
    const table = tableOf(
      ...processes.map((process) => {
        const session = process.pid === VITE ? 7 : process.pid === SH ? 8 : 9;
        return { ...process, session };
      }),
    );
    const tree = orphanTree({ ...ground, table }, VITE, proven);
    assert.deepEqual(
      tree.map(({ pid }) => pid),
      [VITE],
    );
  });
});
