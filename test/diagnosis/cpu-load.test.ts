import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadOf, type Tree } from '../../src/diagnosis/cpu-load.ts';
import type { ProcessFacts } from '../../src/os/os-reader.ts';

/** A tree of one process that has used so much CPU. */
function tree(pid: number, cpuMs: number | null, state: ProcessFacts['state'] = 'sleeping'): Tree {
  const facts = { pid, ppid: 1, birth: `b${pid}`, uid: 0, startedAtMs: 0, cpuMs, state };
  return [{ ...facts, rssBytes: 1, tracerPid: 0, command: 'node' }];
}

test('of several trees one that works is enough to be busy', () => {
  const earlier = [tree(1, 0), tree(2, 0)];
  assert.equal(loadOf(earlier, [tree(1, 0), tree(2, 900)], 1_000), 'busy');
  assert.equal(loadOf(earlier, [tree(1, 10), tree(2, 10)], 1_000), 'idle');
});

test('a tree that is stopped does not work, but may be beside one that does', () => {
  const earlier = [tree(1, 0), tree(2, 0)];
  assert.equal(loadOf(earlier, [tree(1, 900, 'stopped'), tree(2, 0)], 1_000), 'idle');
  assert.equal(loadOf(earlier, [tree(1, 0, 'stopped'), tree(2, 900)], 1_000), 'busy');
});

test('a listener that is stopped answers nobody, also where others work in its tree or another', () => {
  const app = (state: ProcessFacts['state'], helperMs: number): readonly Tree[] => [
    [...tree(1, 0), ...tree(2, 0, state), ...tree(3, helperMs, 'running')],
    tree(4, helperMs, 'running'),
  ];
  const stopped = [app('stopped', 0), app('stopped', 900)] as const;
  assert.equal(loadOf(...stopped, 1_000, 2), 'idle');
  // Not known who listens, or it is one that works: then what works may be the answer.
  assert.equal(loadOf(...stopped, 1_000), 'busy');
  assert.equal(loadOf(...stopped, 1_000, 3), 'busy');
  // It goes on, or was stopped only at this moment.
  assert.equal(loadOf(app('stopped', 0), app('sleeping', 900), 1_000, 2), 'busy');
  assert.equal(loadOf(app('sleeping', 0), app('stopped', 900), 1_000, 2), 'busy');
});

test('of a tree that came since the first look all counts, and what is not known says nothing', () => {
  assert.equal(loadOf([tree(1, 0)], [tree(1, 0), tree(3, 900)], 1_000), 'busy');
  assert.equal(loadOf([tree(1, 0), tree(2, null)], [tree(1, 0), tree(2, null)], 1_000), 'idle');
  assert.equal(loadOf([], [tree(1, 900)], 1_000), 'unknown');
  assert.equal(loadOf([tree(1, 0)], [], 1_000), 'unknown');
});

test('a tree whose threads wait for a processor is busy, also while its main thread sleeps', () => {
  const waiting = (cpuMs: number, waitedMs?: number): readonly Tree[] => [
    tree(1, cpuMs).map((process) => (waitedMs === undefined ? process : { ...process, waitedMs })),
  ];
  assert.equal(loadOf(waiting(0, 100), waiting(30, 700), 1_000), 'busy');
  assert.equal(loadOf(waiting(0, 100), waiting(30, 300), 1_000), 'idle');
  // What uses nothing does not work, however long it waits; and what is not known says nothing.
  assert.equal(loadOf(waiting(0, 100), waiting(0, 900), 1_000), 'idle');
  assert.equal(loadOf(waiting(0), waiting(30, 700), 1_000), 'idle');
  assert.equal(loadOf(waiting(0, 100), waiting(30), 1_000), 'idle');
});
