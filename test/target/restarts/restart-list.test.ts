import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Observation } from '../../../src/target/observation.ts';
import {
  addObserved,
  findUnseen,
  markSeen,
  NO_RESTARTS,
  runOf,
} from '../../../src/target/restarts/restart-list.ts';
import { observationOf } from '../../../src/target/observation.ts';
import { lastErrorLine } from '../../../src/target/restarts/error-line.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { managed } from '../../support/fake-pm2.ts';

const T0 = 1_700_000_000_000;
const crash = { pmId: 3, cause: 'crash', detail: 'crashed', count: 1 } as const;

function app(startedAt: number, restarts: number, pmId = 3): Observation {
  return observationOf(managed({ pmId, startedAt, restarts }), new FakeClock());
}

describe('the restarts that are known of a target', () => {
  test('are twenty at most, in the order in which they were', () => {
    let list = NO_RESTARTS;
    for (let nth = 30; nth > 0; nth -= 1) list = addObserved(list, { ...crash, at: T0 + nth });
    assert.equal(list.last.length, 20);
    assert.deepEqual(
      list.last.map(({ at }) => at - T0),
      [...Array(20).keys()].map((nth) => nth + 11),
    );
  });

  test('have those that nobody saw while there was no monitor, with the count of PM2', () => {
    const kept = markSeen(NO_RESTARTS, app(T0, 4));
    const unseen = findUnseen(kept, app(T0 + 9_000, 7));
    assert.deepEqual(
      unseen.map(({ cause, count, at }) => [cause, count, at]),
      [['unseen', 3, T0 + 9_000]],
    );
  });

  test('have a start that is no restart where the counter began from 0 again, as with each boot', () => {
    const kept = markSeen(NO_RESTARTS, app(T0, 4));
    const [start] = findUnseen(kept, app(T0 + 9_000, 0));
    assert.deepEqual([start?.cause, start?.count], ['operator', 1]);
    assert.match(start?.detail ?? '', /^started by a boot/);
    const clock = { now: () => T0 + 9_000, wall: () => T0 + 9_000 };
    assert.equal(
      runOf(addObserved(kept, { ...crash, ...start, at: T0 }), clock),
      null,
      'not counted',
    );
    assert.equal(findUnseen(kept, app(T0 + 9_000, 2))[0]?.count, 2, 'what the new daemon counted');
  });

  test('have none of the same incarnation, and none of another entry', () => {
    const kept = markSeen(NO_RESTARTS, app(T0, 4));
    assert.deepEqual(findUnseen(kept, app(T0, 0)), []);
    assert.deepEqual(findUnseen(kept, app(T0 + 9_000, 5, 8)), []);
  });

  test('stay the same list while PM2 says the same', () => {
    const list = markSeen(NO_RESTARTS, app(T0, 4));
    assert.equal(markSeen(list, app(T0, 4)), list);
    assert.deepEqual(markSeen(list, { ...app(T0, 4), status: 'gone' }).seen, []);
  });

  test('give a new monitor the count in which the app is unstable or not', () => {
    const clock = new FakeClock();
    let list = NO_RESTARTS;
    for (const ago of [900, 100, 80, 60, 40, 20])
      list = addObserved(list, { ...crash, at: clock.wall() - ago * 1_000 });
    const run = runOf(list, clock);
    assert.equal(run?.count, 5);
    assert.equal(run?.from, clock.now() - 100_000);
    assert.equal(runOf(NO_RESTARTS, clock), null);
  });
});

describe('the last line that names an error', () => {
  for (const [what, text, line] of [
    ['of Node', 'x\nTypeError: a\n    at b (c.js:1)\n\nNode.js v20.20.0\n', 'TypeError: a'],
    [
      'of Node, with its source',
      'c.js:1\n  a()\n  ^\n\nError: b\n    at c {\n  code: 1\n}\n',
      'Error: b',
    ],
    ['of Python', 'Traceback\n  File "a"\nValueError: b\n', 'ValueError: b'],
    [
      'of V8',
      'FATAL ERROR: heap out of memory\n----- Native stack trace -----\n 1: 0xb\n',
      'FATAL ERROR: heap out of memory',
    ],
    ['without an error', 'good bye\n', 'good bye'],
    ['with colours', '\u001b[31mError: b\u001b[39m\n', 'Error: b'],
  ] as const) {
    test(what, () => {
      assert.equal(lastErrorLine(text), line);
    });
  }

  test('is none where nothing was written', () => {
    assert.equal(lastErrorLine(' \n\n'), null);
  });
});
