import assert from 'node:assert/strict';
import { test } from 'node:test';
import { condense, type ProfileNode } from '../../src/agent/profile.ts';

function node(
  id: number,
  functionName: string,
  [url, line]: readonly [string, number],
  hitCount: number,
  children: readonly number[] = [],
  positionTicks: ProfileNode['positionTicks'] = [],
): ProfileNode {
  const callFrame = { functionName, url, lineNumber: line - 1, columnNumber: 4 };
  return { id, callFrame, hitCount, children, positionTicks };
}

const ROOT = ['', 0] as const;

test('the stack is that of the function with most hits, at its most frequent line', () => {
  const ticks = [
    { line: 12, ticks: 2 },
    { line: 14, ticks: 7 },
  ];
  const found = condense([
    node(1, '(root)', ROOT, 0, [2, 5]),
    node(2, 'listen', ['file:///app/a.js', 3], 1, [3]),
    node(3, 'parse', ['file:///app/b.js', 10], 9, [], ticks),
    node(5, '(idle)', ROOT, 10),
  ]);
  assert.deepEqual(
    found.stack.map(({ name, line }) => [name, line]),
    [
      ['parse', 14],
      ['listen', 3],
    ],
  );
  assert.equal(found.idleShare, 0.5);
  assert.equal(found.hot[0]?.share, 0.45);
});

test('while garbage is collected, the stack is that of what was interrupted', () => {
  const found = condense([
    node(1, '(root)', ROOT, 0, [2, 4]),
    node(2, 'outer', ['file:///app/a.js', 3], 0, [3]),
    node(3, '', ['file:///app/a.js', 5], 0),
    node(4, '(garbage collector)', ROOT, 24),
  ]);
  assert.equal(found.gcShare, 1);
  assert.deepEqual(
    found.stack.map(({ name }) => name),
    ['(anonymous)', 'outer'],
  );
});

test('a profile without code has no stack, and one that names its own parent ends', () => {
  assert.deepEqual(condense([]).stack, []);
  const loop = condense([node(1, 'a', ['file:///a.js', 1], 1, [1])]);
  assert.ok(loop.stack.length <= 20);
});
