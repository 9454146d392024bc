import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { eventLines, foldRepeats } from '../../../src/cli/events/lines.ts';
import { styleFor } from '../../../src/cli/framework/style.ts';
import type { JournalLine } from '../../../src/store/journal-line.ts';

const plain = styleFor(false, { noColor: true, forceColor: false }, false);

function at(seconds: number, text: string, app = 'web', instance = 0): JournalLine {
  const time = new Date(Date.UTC(2026, 10, 23, 8, 0, seconds)).toISOString();
  return { schemaVersion: 1, at: time, app, instance, incident: 'a', event: 'decided', text };
}

describe('events', () => {
  test('that repeat with other numbers are one line', () => {
    const lines = [
      at(0, 'failing 1/3 (12 ms)'),
      at(10, 'failing 2/3 (9.5 ms)'),
      at(20, 'failing 3/3'),
      at(21, 'healthy'),
    ];
    const groups = foldRepeats(lines);
    assert.deepEqual(
      groups.map(({ count, overMs }) => [count, overMs]),
      [
        [2, 10_000],
        [1, 0],
        [1, 0],
      ],
    );
    const [first] = groups;
    assert.ok(first);
    const [line = '', ...more] = eventLines(first, { style: plain, columns: Infinity });
    assert.match(line, /web {2}decided {3}failing 1\/3 \(12 ms\) \(x2 over 10s\)$/);
    assert.deepEqual(more, []);
  });

  test('are as wide as the terminal, their words under each other', () => {
    const long = at(0, 'timeout: no answer within 2000 ms (connected, waiting for a byte)', '網站');
    const [group] = foldRepeats([long]);
    assert.ok(group);
    assert.deepEqual(
      eventLines(group, { style: plain, columns: 80 }).map((line) => line.slice(19)),
      [
        '  網站  decided   timeout: no answer within 2000 ms',
        `${' '.repeat(18)}(connected, waiting for a byte)`,
      ],
    );
  });

  test('of other apps in between do not part them, and are not mixed up with them', () => {
    const lines = [
      at(0, 'failing'),
      at(1, 'failing', 'api'),
      at(2, 'failing'),
      at(3, 'failing', 'web', 1),
    ];
    assert.deepEqual(
      foldRepeats(lines).map(({ line, count }) => [line.app, line.instance, count]),
      [
        ['web', 0, 2],
        ['api', 0, 1],
        ['web', 1, 1],
      ],
    );
  });
});
