import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { incidentsOf } from '../../src/listener/incident-fold.ts';
import { diagnosisOf, indexIncidents, withLostEnds } from '../../src/page/incidents.ts';
import { renderPage } from '../../src/page/pages.ts';
import { ago, DAY, facts, HOUR, incident, MINUTE, NOW, status, target } from './made-up.ts';

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

  test('of an app that nobody watches any more ends with its last line, unseen', () => {
    const document = status([target('api')]);
    const all = incidentsOf([incident('web', HOUR, null)]);
    const [lost] = withLostEnds(all, document, NOW);
    assert.equal(lost?.record.end, 'unseen');
    assert.equal(lost.record.resolvedAt, ago(HOUR - 12_000));
    assert.equal(lost.record.downtimeMs, null);
    const { fragments } = renderPage(facts(document, [incident('web', HOUR, null)]), {
      kind: 'home',
      span: '24h',
    });
    assert.match(fragments.get('last-day')?.text ?? '', /end not seen/);
    assert.match(
      fragments.get('head')?.text ?? '',
      /One incident in the last 24 hours, and none now/,
    );
  });

  test('is open where the monitor says so: the newest of its app, and a moment longer', () => {
    const all = incidentsOf([incident('web', 2 * DAY, null), incident('web', HOUR, null)]);
    const ends = (document: ReturnType<typeof status>) =>
      withLostEnds(all, document, NOW).map(({ record }) => record.end);
    const detail = { detail: 'no answer', restarts: 0, since: ago(HOUR) };
    const bad = target('web', { state: 'failing', incident: { cause: 'timeout', ...detail } });
    assert.deepEqual(ends(status([bad])), [null, 'unseen']);
    assert.deepEqual(ends(status([target('web')])), ['unseen', 'unseen']);
    assert.deepEqual(ends(status([bad, { ...bad, pmId: 2 }])), [null, null], 'two of one name');
    const justWell = target('web', { since: ago(1_000) });
    assert.deepEqual(ends(status([justWell])), [null, 'unseen']);
    assert.deepEqual(ends(status([], {}, { state: 'standby' })), [null, null]);
    assert.deepEqual(ends(status([], {}, { lastRoundAt: null })), [null, null]);
  });

  test('a diagnosis of any form becomes lines, and no form breaks the page', () => {
    const of = (diagnosis: unknown) => {
      const { record } = incident('web', HOUR, MINUTE);
      assert.ok(record);
      return diagnosisOf({ ...record, diagnosis } as never);
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
