import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { busyShare } from '../../src/diagnosis/cpu-load.ts';
import { ancestorsOf, findTraced, treeOf, usageOf } from '../../src/os/tree.ts';
import { facts, tableOf } from './support/facts.ts';

const pidsOf = (processes: readonly { pid: number }[]): number[] => processes.map(({ pid }) => pid);

describe('a tree', () => {
  const table = tableOf(
    facts({ pid: 1, ppid: 0 }),
    facts({ pid: 10 }),
    facts({ pid: 12, ppid: 11 }),
    facts({ pid: 11, ppid: 10 }),
    facts({ pid: 13, ppid: 10 }),
    facts({ pid: 20 }),
  );

  test('has the root first, and parents before children', () => {
    assert.deepEqual(pidsOf(treeOf(table, 10)), [10, 11, 13, 12]);
    assert.deepEqual(treeOf(table, 99), []);
  });

  test('has its ancestors, without the first process', () => {
    assert.deepEqual(pidsOf(ancestorsOf(table, 12)), [11, 10]);
    assert.deepEqual(ancestorsOf(table, 10), []);
  });

  test('of any shape ends, and names nobody twice', () => {
    const pid = fc.integer({ min: 0, max: 12 });
    fc.assert(
      fc.property(fc.array(fc.tuple(pid, pid)), pid, (pairs, root) => {
        const any = tableOf(...pairs.map(([own, ppid]) => facts({ pid: own, ppid })));
        for (const line of [treeOf(any, root), ancestorsOf(any, root)]) {
          assert.equal(new Set(pidsOf(line)).size, line.length);
        }
      }),
    );
  });
});

describe('the usage of a tree', () => {
  const root = facts({ pid: 10 });

  test('is the sum of what is known', () => {
    const child = facts({ pid: 11, cpuMs: null, rssBytes: 1 });
    const { cpuMs, rssBytes } = usageOf([root, child]);
    assert.deepEqual([cpuMs, rssBytes], [100, 1_025]);
    assert.equal(usageOf([]).cpuMs, null);
  });

  for (const [what, states, isStopped] of [
    ['root stopped', ['stopped', 'running'], true],
    ['npm waits, vite is stopped', ['sleeping', 'sleeping', 'stopped'], true],
    ['a helper is stopped, the server works', ['sleeping', 'running', 'stopped'], false],
    ['all sleep', ['sleeping', 'zombie'], false],
  ] as const) {
    test(`${what}: ${isStopped ? 'stopped' : 'not stopped'}`, () => {
      const tree = states.map((state, index) => facts({ pid: 10 + index, state }));
      assert.equal(usageOf(tree).isStopped, isStopped);
    });
  }

  test('a debugger from outside traces it, its own strace or sandbox does not', () => {
    assert.equal(findTraced([root, facts({ pid: 11, tracerPid: 77 })], 0)?.pid, 11);
    assert.equal(findTraced([root, facts({ pid: 11, tracerPid: 10 })], 0), null);
    assert.equal(findTraced([facts({ pid: 11, tracerPid: null, state: 'traced' })], 0)?.pid, 11);
    assert.equal(findTraced([facts({ pid: 11, tracerPid: null })], 0), null);
  });

  test('a tracer of everything, the monitor too, debugs nothing', () => {
    const tree = [facts({ pid: 10, tracerPid: 77 }), facts({ pid: 11, tracerPid: 77 })];
    assert.equal(findTraced(tree, 77), null);
    assert.equal(findTraced([...tree, facts({ pid: 12, tracerPid: 78 })], 77)?.pid, 12);
  });
});

describe('the busy share', () => {
  const at = (pid: number, cpuMs: number | null, birth = 'a') => facts({ pid, cpuMs, birth });

  test('adds up over the processes that stayed', () => {
    assert.equal(busyShare([at(1, 100), at(2, 50)], [at(1, 600), at(2, 550)], 1_000), 1);
  });

  test('counts who came in full, and loses who went', () => {
    assert.equal(busyShare([at(1, 100), at(2, 9_000)], [at(1, 100), at(3, 250)], 1_000), 0.25);
  });

  test('a pid that was given to another is not the old one', () => {
    assert.equal(busyShare([at(1, 0), at(2, 900)], [at(1, 0), at(2, 100, 'b')], 1_000), 0.1);
  });

  test('is null, not zero, where nothing is known', () => {
    assert.equal(busyShare([], [at(1, 5)], 1_000), null);
    assert.equal(busyShare([at(1, 5)], [], 1_000), null);
    assert.equal(busyShare([at(1, 5)], [at(1, null)], 1_000), null);
    assert.equal(busyShare([at(1, null)], [at(1, 5)], 1_000), null);
    assert.equal(busyShare([at(1, 5)], [at(1, 5)], 0), null);
    assert.equal(busyShare([at(1, 5)], [at(1, 5)], Number.NaN), null);
  });
});
