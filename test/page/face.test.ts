import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { faceOf, worstFirst } from '../../src/page/face.ts';
import { SPRITE } from '../../src/page/shapes.ts';
import type { TargetStatus } from '../../src/report/status.ts';
import { ago, target } from './made-up.ts';

const STATES: readonly TargetStatus['state'][] = [
  'open',
  'backoff',
  'halfOpen',
  'restarting',
  'failing',
  'degraded',
  'unknown',
  'starting',
  'healthy',
  'paused',
];

describe('how a state looks', () => {
  test('no two states have the same word or the same shape', () => {
    const faces = STATES.map((state) => faceOf(target('web', { state })));
    assert.equal(new Set(faces.map(({ word }) => word)).size, STATES.length);
    assert.equal(new Set(faces.map(({ shape }) => shape)).size, STATES.length);
  });

  test('each shape is drawn in the page', () => {
    for (const state of STATES) {
      const { shape } = faceOf(target('web', { state }));
      assert.match(SPRITE.text, new RegExp(`<symbol id="s-${shape}"`));
    }
  });

  test('the worst comes first, and those of one kind by name with numbers as numbers', () => {
    const names = ['b10', 'b2'].map((name) => target(name));
    const targets = [
      ...names,
      ...STATES.toReversed().map((state) => target(`a-${state}`, { state })),
    ];
    assert.deepEqual(
      worstFirst(targets).map(({ name }) => name),
      [...STATES.slice(0, -2).map((state) => `a-${state}`), 'a-healthy', 'b2', 'b10', 'a-paused'],
    );
  });

  test('what is up, but slow or flapping, comes before what is merely up', () => {
    const slow = target('slow', { slow: { medianMs: 2, limitMs: 1, answers: 9 } });
    const flapping = target('flapping', {
      incident: { since: ago(9), cause: 'flapping', detail: '4 changes in 2m', restarts: 0 },
    });
    const names = worstFirst([target('a'), slow, flapping]).map(({ name }) => name);
    assert.deepEqual(names, ['flapping', 'slow', 'a']);
    assert.equal(faceOf(flapping).word, 'up, flapping');
  });
});
