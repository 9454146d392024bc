import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { unifiedDiff } from '../../../../src/cli/init/edit/diff.ts';

/** The text that a diff makes of another, by what a patch program does; throws where it does not fit. */
function patched(before: readonly string[], diff: readonly string[]): string[] {
  const after: string[] = [];
  let old = 0;
  for (const line of diff.slice(2)) {
    const start = /^@@ -(\d+),(\d+) \+\d+,\d+ @@$/.exec(line);
    if (start) {
      const until = Number(start[1]) - (start[2] === '0' ? 0 : 1);
      after.push(...before.slice(old, until));
      old = until;
      continue;
    }
    const text = line.slice(1);
    if (line.startsWith('+')) {
      after.push(text);
      continue;
    }
    assert.equal(before[old], text);
    old += 1;
    if (line.startsWith(' ')) after.push(text);
  }
  return [...after, ...before.slice(old)];
}

const textOf = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');

describe('the diff that init shows', () => {
  test('turns any old text into any new one', () => {
    const lines = fc.array(fc.constantFrom('a', 'b', 'c', '    }', ''), { maxLength: 200 });
    fc.assert(
      fc.property(lines, lines, (before, after) => {
        assert.deepEqual(patched(before, unifiedDiff('f', textOf(before), textOf(after))), after);
      }),
      { numRuns: 500 },
    );
  });

  test('has what was added, and its surroundings, and nothing else', () => {
    const app = (at: number): string[] => ['    {', `      name: 'app${at}',`, '    },'];
    const before = Array.from({ length: 50 }, (_, at) => app(at)).flat();
    const added = "      env_liveness: { tcp: 'localhost:3000' },";
    const after = before.flatMap((line) => (/app(10|40)'/.test(line) ? [line, added] : [line]));
    const diff = unifiedDiff('f', textOf(before), textOf(after));
    assert.equal(diff.filter((line) => line.startsWith('@@')).length, 2);
    assert.deepEqual(
      diff.slice(2).filter((line) => line.startsWith('+') || line.startsWith('-')),
      [`+${added}`, `+${added}`],
    );
  });

  for (const [what, changed] of [
    [
      'a block for each app',
      (line: string) => (line.startsWith('name') ? [line, 'block'] : [line]),
    ],
    ['every line another', (line: string) => [`${line} `]],
    ['nothing in common', (_: string, at: number) => [`x${at}`]],
  ] as const) {
    test(`of 12 000 lines, ${what}, takes little time and memory`, () => {
      const before = Array.from({ length: 12_000 }, (_, at) =>
        at % 3 === 1 ? `name${at}` : 'same',
      );
      const after = before.flatMap(changed);
      const [from, began] = [process.memoryUsage().heapUsed, performance.now()];
      const diff = unifiedDiff('f', textOf(before), textOf(after));
      const usedMiB = (process.memoryUsage().heapUsed - from) / 2 ** 20;
      assert.ok(usedMiB < 100, `${usedMiB.toFixed(0)} MiB`);
      assert.ok(performance.now() - began < 20_000, `${(performance.now() - began).toFixed(0)} ms`);
      assert.deepEqual(patched(before, diff), after);
    });
  }
});
