import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OutputTail } from '../../../src/probe/exec/command.ts';

test('the last line that is not blank is kept', () => {
  const tail = new OutputTail();
  tail.add(Buffer.from('first\nsecond\r\n'));
  tail.add(Buffer.from('third\n  \n\n'));
  assert.equal(tail.lastLine(), 'third');
  assert.equal(new OutputTail().lastLine(), '');
});

test('only the end of any output is kept', () => {
  const tail = new OutputTail();
  for (let part = 0; part < 1000; part += 1) tail.add(Buffer.alloc(100_000, 'x'));
  tail.add(Buffer.from('\nthe end'));
  assert.equal(tail.lastLine(), 'the end');
});
