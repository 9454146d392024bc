import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { barsOf, barsSvg, barsText, barText, notUp, shareOf } from '../../src/page/bars.ts';
import { SPANS } from '../../src/page/page-facts.ts';
import { DAY, history, HOUR, MINUTE, NOW } from './made-up.ts';

describe('bars', () => {
  test('end with the bar of now, and are as many as the span has', () => {
    for (const [span, count, step] of [
      ['24h', 48, 30 * MINUTE],
      ['7d', 56, 3 * HOUR],
      ['90d', 90, DAY],
    ] as const) {
      const bars = barsOf(history([]), span, NOW);
      assert.equal(bars.length, count);
      const last = bars.at(-1)?.from ?? 0;
      assert.ok(last <= NOW && NOW < last + step, span);
      assert.ok(bars.every(({ from }, n) => from === last - (count - 1 - n) * step));
    }
  });

  test('without a history nothing was observed', () => {
    const bars = barsOf(null, '24h', NOW);
    assert.equal(shareOf(bars), null);
    assert.equal(barsText(bars, '24h'), 'Last 24 hours: not observed.');
    assert.equal(barsSvg(bars, '24h').text.match(/class="unseen"/g)?.length, 48);
  });

  test('say how long an app was down, and what was not seen', () => {
    const outages = [
      { fromAgo: 5 * HOUR, ms: 12 * MINUTE },
      { fromAgo: 20 * HOUR, ms: 2 * HOUR, isUnseen: true },
    ];
    const bars = barsOf(history(outages), '24h', NOW);
    assert.match(
      barsText(bars, '24h'),
      /^Last 24 hours: 99\.\d\d % up, down for 12m, not observed for 1\.5h\.$/,
    );
    assert.equal(notUp(bars).length, 1);
  });

  test('a time down is seen by its form: it reaches below the line, however short', () => {
    const bars = barsOf(history([{ fromAgo: 40 * DAY, ms: 1_000 }]), '90d', NOW);
    const svg = barsSvg(bars, '90d').text;
    const [, y = '', height = ''] =
      /class="down" x="\d+" y="(\d+)" width="8" height="(\d+)"/.exec(svg) ?? [];
    assert.equal(Number(y) + Number(height), 34);
    assert.ok(Number(height) >= 34 / 4);
    assert.equal(svg.match(/class="down"/g)?.length, 1);
  });

  test('each bar has its time and what was seen as a text', () => {
    for (const span of SPANS) {
      const bars = barsOf(history([{ fromAgo: 3 * HOUR, ms: 50 * MINUTE }]), span, NOW);
      const titles = barsSvg(bars, span).text.match(
        /<title>[^<]+: (?:up|down [^<]+|not observed)<\/title>/g,
      );
      assert.equal(titles?.length, bars.length, span);
    }
    assert.equal(barText({ from: 0, upMs: 0, downMs: 60_000 }), 'down 1m');
    assert.equal(barText({ from: 0, upMs: 1, downMs: 60_000 }), 'down 1m, else up');
  });
});
