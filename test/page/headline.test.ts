import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { headlineOf } from '../../src/page/headline.ts';
import type { StatusDocument } from '../../src/report/status.ts';
import { ago, MINUTE, NOW, status, target } from './made-up.ts';

const textOf = (document: StatusDocument): string => headlineOf(document, NOW).text;

const down = target('web', {
  state: 'backoff',
  failures: 3,
  incident: {
    since: ago(3 * MINUTE),
    cause: 'timeout',
    detail: 'no answer within 3s',
    restarts: 2,
  },
  next: { what: 'restarted, if it still fails', at: ago(-40_000) },
});

describe('the sentence at the top', () => {
  test('says that all are up, by name where there is one', () => {
    assert.equal(textOf(status([target('web')])), 'web is up.');
    assert.equal(textOf(status([target('web'), target('api')])), 'All 2 apps are up.');
  });

  test('says who is down, for how long, what was done and what comes next', () => {
    assert.deepEqual(headlineOf(status([target('api'), down]), NOW), {
      tone: 'bad',
      shape: 'wait',
      text: 'web is down.',
      more: 'no answer within 3s, for 3m; restarted twice; next in 40s: restarted, if it still fails',
    });
  });

  test('names two of several, and how many are up', () => {
    const others = ['a', 'b', 'c'].map((name) => ({ ...down, name }));
    const { text, more } = headlineOf(status([...others, target('up')]), NOW);
    assert.equal(text, 'a, b and 1 more are down.');
    assert.equal(more, '1 of 4 apps is up.');
  });

  test('a failing app is down once its failure is proven', () => {
    const failing = target('web', { state: 'failing', failures: 2, incident: null });
    assert.equal(textOf(status([failing])), 'web is failing.');
    assert.equal(textOf(status([{ ...failing, failures: 3 }])), 'web is down.');
  });

  test('down matters more than degraded, and that more than starting', () => {
    const degraded = target('d', { state: 'degraded' });
    const starting = target('s', { state: 'starting' });
    assert.equal(textOf(status([starting, degraded, down])), 'web is down.');
    assert.equal(textOf(status([starting, degraded])), 'd is degraded.');
    assert.equal(textOf(status([starting, target('up')])), 's is starting.');
  });

  test('what is paused does not count as down, and is said', () => {
    const paused = target('old', { state: 'paused' });
    const { text, more } = headlineOf(status([paused, target('web'), target('api')]), NOW);
    assert.equal(text, 'All 2 other apps are up.');
    assert.equal(more, 'old is paused.');
    assert.equal(textOf(status([paused])), 'Every app is paused.');
  });

  test('says nothing good of what is not known', () => {
    const unknown = target('web', { state: 'unknown', summary: 'unknown, not judged: x' });
    assert.equal(textOf(status([unknown, target('api')])), 'It is not known how web is.');
    const unfit = status([target('web')], {}, { state: 'unfit', unfit: 'PM2 does not answer' });
    assert.equal(textOf(unfit), 'The monitor cannot judge now.');
    assert.match(headlineOf(unfit, NOW).more ?? '', /last known.*PM2 does not answer/);
    const standby = status([], {}, { state: 'standby' });
    assert.equal(textOf(standby), 'Another monitor leads here.');
  });

  test('distinguishes that nothing is watched from a monitor that has just started', () => {
    assert.equal(textOf(status([])), 'No app is watched yet.');
    assert.equal(textOf(status([], {}, { lastRoundAt: null })), 'The monitor is starting.');
  });
});
