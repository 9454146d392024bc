import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { KeptRows } from '../../src/page/kept-rows.ts';
import { facts, history, HOUR, status, target } from './made-up.ts';

const WEB = target('web');

describe('the rows of the front page', () => {
  test('that were made are kept for each span', () => {
    const rows = new KeptRows();
    const known = facts(status([WEB]), [], { web: history([]) });
    assert.equal(rows.of(WEB, known, '24h'), rows.of(WEB, known, '24h'));
    assert.notEqual(rows.of(WEB, known, '24h'), rows.of(WEB, known, '7d'));
  });

  test('are made again just after a minute, when it is recorded', () => {
    const rows = new KeptRows();
    const known = facts(status([WEB]), [], { web: history([]) });
    const at = (ms: number) => rows.of(WEB, { ...known, at: HOUR + ms }, '24h');
    const before = at(-1_000);
    assert.equal(at(1_000), before);
    assert.notEqual(at(2_000), before);
  });

  test('show a history as soon as there is one', () => {
    const rows = new KeptRows();
    assert.ok(!rows.of(WEB, facts(status([WEB])), '24h').text.includes('class="up"'));
    const known = facts(status([WEB]), [], { web: history([]) });
    assert.ok(rows.of(WEB, known, '24h').text.includes('class="up"'));
  });

  test('are made in slices: a hundred apps do not hold up the probes', async () => {
    const targets = Array.from({ length: 100 }, (_, n) => target(`app-${n}`));
    let [turns, now, isOver] = [0, 0, false];
    const count = (): void => {
      turns += 1;
      if (!isOver) setImmediate(count);
    };
    setImmediate(count);
    await new KeptRows().prepare(facts(status(targets)), '24h', () => (now += 1));
    isOver = true;
    assert.ok(turns >= 10, `${turns}`);
  });
});
