import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LightAbortController } from '../../src/time/light-abort.ts';

test('an abort calls each listener once, also where it is aborted twice', () => {
  const ending = new LightAbortController();
  const told: string[] = [];
  ending.addEventListener('abort', () => told.push('first'));
  ending.addEventListener('abort', () => told.push('second'));
  assert.equal(ending.aborted, false);
  ending.abort();
  ending.abort();
  assert.equal(ending.aborted, true);
  assert.deepEqual(told, ['first', 'second']);
});

test('an abort does not call a removed listener, nor one that is added later', () => {
  const ending = new LightAbortController();
  const never = (): void => assert.fail('it was told');
  ending.addEventListener('abort', never);
  ending.removeEventListener('abort', never);
  ending.removeEventListener('abort', never);
  ending.abort();
  ending.addEventListener('abort', never);
  ending.abort();
});

test('a listener that is removed during its call does not stop the others', () => {
  const ending = new LightAbortController();
  let told = 0;
  const first = (): void => {
    told += 1;
    ending.removeEventListener('abort', first);
  };
  ending.addEventListener('abort', first);
  ending.addEventListener('abort', () => {
    told += 1;
  });
  ending.abort();
  assert.equal(told, 2);
});
