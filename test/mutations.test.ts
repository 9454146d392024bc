import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { SCENARIOS } from './chaos/scenarios.ts';

const root = new URL('..', import.meta.url);

describe('the table of faults', () => {
  test('has the first 24 and more, each played by one file', () => {
    const numbers = Object.keys(SCENARIOS).map(Number);
    assert.deepEqual(
      numbers.slice(0, 24),
      Array.from({ length: 24 }, (_, at) => at + 1),
    );
    const files = readdirSync(new URL('test/chaos', root));
    for (const number of numbers) {
      const playing = files.filter((file) => file.split('-').map(Number).includes(number));
      assert.equal(playing.length, 1, `${number} is played by ${playing.join(', ') || 'nobody'}`);
    }
  });

  for (const [number, { mutation }] of Object.entries(SCENARIOS)) {
    test(`${number}: what its mutation removes is in the source, once`, () => {
      for (const { file, find, put } of mutation.edits) {
        const text = readFileSync(new URL(file, root), 'utf8');
        assert.equal(text.split(find).length, 2, `${file}: ${find}`);
        assert.notEqual(find, put);
      }
    });
  }
});
