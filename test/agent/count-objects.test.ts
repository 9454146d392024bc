import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runInNewContext } from 'node:vm';
import { countObjects } from '../../src/agent/count-objects.ts';

class Leaked {
  readonly kept = true;
}

function counted(...objects: readonly object[]): unknown {
  return JSON.parse(countObjects(objects));
}

test('the most frequent constructors come first, at most eight', () => {
  const many = [new Leaked(), new Leaked(), new Leaked(), [], [], new Map()];
  assert.deepEqual(counted(...many), [
    { name: 'Leaked', count: 3 },
    { name: 'Array', count: 2 },
    { name: 'Map', count: 1 },
  ]);
  const kinds = Array.from({ length: 20 }, (_, at) => {
    class Kind {
      readonly kept = true;
    }
    Object.defineProperty(Kind, 'name', { value: `Kind${at}` });
    return new Kind();
  });
  assert.equal((counted(...kinds) as unknown[]).length, 8);
});

test('runs no code of the app, and takes what is odd', () => {
  const no = (): never => {
    throw new Error('code of the app has run');
  };
  const odd = [
    Object.create(null),
    Object.create({
      get constructor() {
        return no();
      },
    }),
    Object.create({ constructor: 'text' }),
    Object.create({ constructor: Object.defineProperty(() => 0, 'name', { get: no }) }),
    Object.create(new Proxy({}, { getOwnPropertyDescriptor: no })),
  ] as object[];
  assert.deepEqual(counted(...odd), [{ name: '(without a constructor)', count: 5 }]);
  const long = Object.create({
    constructor: Object.defineProperty(() => 0, 'name', { value: 'x'.repeat(999) }),
  });
  assert.deepEqual(counted(long as object), [{ name: 'x'.repeat(80), count: 1 }]);
});

test('is whole as text', () => {
  const count = runInNewContext(`(${String(countObjects)})`) as typeof countObjects;
  assert.equal(count([[]]), '[{"name":"Array","count":1}]');
});
