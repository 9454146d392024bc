import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { incidentsOf } from '../../src/listener/incident-fold.ts';
import { lastDayOf } from '../../src/page/last-day.ts';
import { DAY, HOUR, incident, MINUTE, NOW } from './made-up.ts';

const lines = (...all: ReturnType<typeof incident>[]) => lastDayOf(incidentsOf(all), NOW);

describe('what happened in the last day', () => {
  test('what is open comes first, then what was down for longest', () => {
    const found = lines(
      incident('short', 6 * HOUR, MINUTE),
      incident('long', 5 * HOUR, HOUR),
      incident('now', 2 * MINUTE, null),
    );
    assert.deepEqual(
      found.map(({ app }) => app),
      ['now', 'long', 'short'],
    );
  });

  test('what differs only in numbers is one line, with all its time down and restarts', () => {
    const [line, ...others] = lines(
      incident('web', 6 * HOUR, 2 * MINUTE, { detail: 'no answer within 3s' }),
      incident('web', 3 * HOUR, 3 * MINUTE, { detail: 'no answer within 5s', restarts: 2 }),
    );
    assert.deepEqual(others, []);
    assert.equal(line?.count, 2);
    assert.equal(line.downMs, 5 * MINUTE);
    assert.equal(line.restarts, 3);
    assert.equal(line.first, NOW - 6 * HOUR);
    assert.equal(line.to, NOW - 3 * HOUR + 3 * MINUTE);
  });

  test('apps and causes stay apart', () => {
    const found = lines(
      incident('web', 6 * HOUR, MINUTE),
      incident('api', 6 * HOUR, MINUTE),
      incident('web', 5 * HOUR, MINUTE, { class: 'refused' }),
    );
    assert.equal(found.length, 3);
  });

  test('what ended before is left out; what began before and lasted into the day is not', () => {
    const found = lines(
      incident('old', 2 * DAY, HOUR),
      incident('long', 2 * DAY, 30 * HOUR),
      incident('still', 3 * DAY, null),
    );
    assert.deepEqual(
      found.map(({ app }) => app),
      ['still', 'long'],
    );
    assert.equal(found[0]?.downMs, 3 * DAY);
  });

  test('an incident whose end nobody saw counts at its beginning, without a time down', () => {
    const unseen = { resolvedAt: null, end: 'unseen', downtimeMs: null };
    const [line] = lines(incident('web', HOUR, MINUTE, unseen));
    assert.equal(line?.downMs, 0);
    assert.equal(line?.to, NOW - HOUR);
    assert.deepEqual(lines(incident('web', 2 * DAY, MINUTE, unseen)), []);
  });
});
