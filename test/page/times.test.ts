import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isoTag, percentText, timesText, timeTag, untilTag } from '../../src/page/times.ts';
import { ago, DAY, HOUR, NOW } from './made-up.ts';

describe('times', () => {
  test('have the exact time for the script and on demand, and are short', () => {
    assert.equal(
      timeTag(NOW - HOUR, NOW).text,
      '<time datetime="2026-11-28T06:42:10.000Z" title="2026-11-28 06:42:10 UTC">06:42 UTC</time>',
    );
    assert.match(timeTag(NOW - DAY, NOW).text, />27 Nov 07:42 UTC</);
  });

  test('what is no time is shown as it is, escaped', () => {
    assert.equal(isoTag('<b>', NOW).text, '&lt;b&gt;');
    assert.equal(untilTag('soon', NOW).text, 'soon');
  });

  test('what is to come is counted down, and never below now', () => {
    assert.match(untilTag(ago(-40_000), NOW).text, /data-until\s*>in 40s</);
    assert.match(untilTag(ago(5_000), NOW).text, /data-until\s*>now</);
  });

  test('a share is never rounded up to all', () => {
    assert.deepEqual([1, 0.99999, 0.9987, 0].map(percentText), [
      '100 %',
      '99.99 %',
      '99.87 %',
      '0 %',
    ]);
  });

  test('counts are words where there is one', () => {
    assert.deepEqual([1, 2, 3].map(timesText), ['once', 'twice', '3 times']);
  });
});
