import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { condense } from '../../../src/agent/profile.ts';
import { pausedFrames, profileNodes } from '../../../src/diagnosis/inspector/profile-nodes.ts';

const frame = { functionName: 'parse', url: 'file:///a.js', lineNumber: 3, columnNumber: 1 };

describe('the nodes of a profile that an app sends', () => {
  test('are taken as V8 sends them', () => {
    const node = { id: 2, callFrame: frame, hitCount: 7, positionTicks: [{ line: 5, ticks: 7 }] };
    const nodes = profileNodes({ nodes: [{ id: 1, callFrame: frame, children: [2] }, node] });
    assert.equal(nodes?.length, 2);
    const [inner] = condense(nodes).stack;
    assert.deepEqual([inner?.name, inner?.line], ['parse', 5]);
  });

  test('end where they are a circle', () => {
    const root = { functionName: '(root)', url: '', lineNumber: -1, columnNumber: -1 };
    const circle = [
      { id: 1, callFrame: root, children: [2], hitCount: 0 },
      { id: 2, callFrame: root, children: [1, 2, 3], hitCount: 0 },
      { id: 3, callFrame: frame, children: [1], hitCount: 1 },
    ];
    assert.equal(condense(profileNodes({ nodes: circle }) ?? []).stack.length, 1);
  });

  test('of a pause have lines from 1, and no more than twenty frames', () => {
    const url = 'file:///a.js';
    const scripts = new Map([['7', url]]);
    const call = { functionName: '', location: { scriptId: '7', lineNumber: 4 } };
    const many = Array.from({ length: 90 }, () => call);
    const frames = pausedFrames({ callFrames: [call, 7, ...many] }, scripts);
    assert.deepEqual(frames?.[0], { name: '(anonymous)', url, line: 5, column: null });
    assert.ok(frames.length <= 20);
    for (const params of [null, {}, { callFrames: 'x' }, { callFrames: [] }])
      assert.equal(pausedFrames(params, scripts), null);
  });

  test('are bounded and of the right types, for any answer', () => {
    const many = Array.from({ length: 30_000 }, (_, id) => ({ id, callFrame: frame }));
    assert.equal(profileNodes({ nodes: many })?.length, 20_000);
    assert.equal(profileNodes({ nodes: 'x' }), null);
    fc.assert(
      fc.property(fc.array(fc.anything()), (nodes) => {
        for (const each of profileNodes({ nodes }) ?? []) assert.equal(typeof each.id, 'number');
      }),
    );
  });
});
