import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { mergeRestarts } from '../../../src/cli/events/restarts.ts';
import type { JournalLine } from '../../../src/store/journal-line.ts';
import type { KeptRestart } from '../../../src/store/kept-restarts.ts';

const T0 = Date.parse('2026-11-27T20:00:00.000Z');

function line(seconds: number, event: JournalLine['event'], text: string): JournalLine {
  const at = new Date(T0 + seconds * 1_000).toISOString();
  return { schemaVersion: 1, at, app: 'web', instance: 0, incident: 'a', event, text };
}

function restart(seconds: number, more: Partial<KeptRestart> = {}): KeptRestart {
  const at = T0 + seconds * 1_000;
  return { app: 'web', instance: 0, pmId: 1, at, cause: 'crash', detail: 'd', count: 1, ...more };
}

describe('the restarts among the events', () => {
  test('stand where they happened, each with its cause', () => {
    const merged = mergeRestarts(
      [line(1, 'opened', 'a'), line(9, 'resolved', 'b')],
      [restart(5), restart(0, { cause: 'unseen', count: 3 })],
    );
    assert.deepEqual(
      merged.map(({ event, text, cause }) => [event, text, cause]),
      [
        ['restart', '3 restarts, d', 'unseen'],
        ['opened', 'a', undefined],
        ['restart', 'd', 'crash'],
        ['resolved', 'b', undefined],
      ],
    );
  });

  test('of ours are not said twice, and said once where the journal has none', () => {
    const acted = line(6, 'acted', 'restarted as pid 5');
    const ours = restart(5, { cause: 'us' });
    assert.deepEqual(
      mergeRestarts([acted], [ours]).map(({ event }) => event),
      ['acted'],
    );
    assert.deepEqual(
      mergeRestarts([{ ...acted, app: 'api' }], [ours]).map(({ event }) => event),
      ['restart', 'acted'],
    );
  });
});
