import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { incidentsOf } from '../../src/listener/incident-fold.ts';
import { diagnosisOf, indexIncidents } from '../../src/page/incidents.ts';
import { HOUR, incident, MINUTE } from './made-up.ts';

describe('the incidents of the journal', () => {
  test('are newest first, each once, and found by app and instance', () => {
    const open = incident('web', HOUR, null);
    const known = indexIncidents(incidentsOf([incident('api', 2 * HOUR, MINUTE), open]));
    assert.deepEqual(
      known.all.map(({ app }) => app),
      ['web', 'api'],
    );
    assert.equal(known.of({ name: 'web', instance: 0 }).length, 1);
    assert.deepEqual(known.of({ name: 'web', instance: 1 }), []);
  });

  test('a diagnosis of any form becomes lines, and no form breaks the page', () => {
    const of = (diagnosis: unknown) => {
      const { record } = incident('web', HOUR, MINUTE);
      assert.ok(record);
      return diagnosisOf(Object.assign({ ...record }, { diagnosis }));
    };
    assert.deepEqual(of(undefined), []);
    assert.deepEqual(of('one\ntwo'), ['one', 'two']);
    assert.deepEqual(of({ kind: 'busy', stack: ['a', 'b'] }), [
      'kind: busy',
      'stack',
      '  a',
      '  b',
    ]);
    const ring: Record<string, unknown> = { a: null };
    ring['ring'] = [ring];
    assert.deepEqual(of(ring), []);
    assert.equal(of(Array.from({ length: 9_999 }, () => 'x')).length, 60);
  });
});
