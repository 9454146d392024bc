import assert from 'node:assert/strict';
import { test } from 'node:test';
import { heapLines } from '../../../src/diagnosis/heap/heap-lines.ts';

const MB = 1_048_576;
const HEAP = { usedBytes: 12 * MB, externalBytes: null, objects: [], file: null, note: null };

test('says how much, of what, and where the snapshot is', () => {
  const objects = ['Leaked', 'Array', 'Map', 'Set', 'Date'].map((name, at) => ({
    name,
    count: 50_000 - at,
  }));
  assert.deepEqual(
    heapLines({ ...HEAP, externalBytes: 98 * MB, objects, file: '/a/b.heapsnapshot' }),
    [
      'its heap uses 12 MB, and 98 MB outside of it (buffers); most of its objects: 50,000 Leaked, 49,999 Array, 49,998 Map, 49,997 Set',
      'heap snapshot: /a/b.heapsnapshot',
    ],
  );
});

test('says what is missing', () => {
  assert.deepEqual(heapLines({ ...HEAP, note: 'no snapshot: it takes too long' }), [
    'its heap uses 12 MB',
    'no snapshot: it takes too long',
  ]);
});
