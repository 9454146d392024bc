import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { styleFor } from '../../../src/cli/framework/style.ts';
import { percentText, uptimeLines } from '../../../src/cli/uptime-figures/lines.ts';
import { figuresIn, WINDOWS } from '../../../src/cli/uptime-figures/windows.ts';
import { AppSeries } from '../../../src/history/series/app-series.ts';
import { Buckets } from '../../../src/history/series/buckets.ts';
import type { JournalLine } from '../../../src/store/journal-line.ts';

const NOW = Date.parse('2026-11-20T10:00:00Z');
const MINUTE = 60_000;
const PLAIN = styleFor(false, { noColor: true, forceColor: false }, false);
const COLOURED = styleFor(true, { noColor: false, forceColor: false }, false);

/** Up for a day, with ten minutes down that end an hour ago, and two hours unobserved before that. */
function history(name = 'web'): AppSeries {
  const buckets = new Buckets();
  for (let ago = 1_440; ago > 0; ago -= 1) {
    if (ago > 70 && ago <= 190) continue;
    const isDown = ago > 60 && ago <= 70;
    const minute = NOW / MINUTE - ago;
    const [upMs, downMs] = isDown ? [0, MINUTE] : [MINUTE, 0];
    buckets.add({ minute, upMs, downMs, checks: 1, times: [] });
  }
  return new AppSeries({ name, instance: 0 }, buckets, () => ({ now: NOW, filledTo: NOW }));
}

function line(event: 'opened' | 'resolved', agoMs: number, downtimeMs: number | null): JournalLine {
  const at = new Date(NOW - agoMs).toISOString();
  const known = { openedAt: at, detectedAt: at, class: 'timeout', detail: '', resolvedAt: null };
  const rest = { end: null, restarts: 0, actions: [], trail: [], errorLog: null };
  const record = { ...known, ...rest, downtimeMs };
  const head = { schemaVersion: 1, at, app: 'web', instance: 0, incident: 'x', text: '' } as const;
  return { ...head, event, record };
}

const JOURNAL = [
  line('opened', 9 * 86_400_000, null),
  line('resolved', 9 * 86_400_000 - 1, 900_000),
  line('opened', 70 * MINUTE, null),
  line('resolved', 60 * MINUTE, 10 * MINUTE),
];

describe('uptime', () => {
  test('gives the share of the observed time, and what was not observed', () => {
    const [day] = WINDOWS;
    assert.ok(day);
    const figures = figuresIn(history(), day, JOURNAL, NOW);
    assert.equal(figures.downMs, 10 * MINUTE);
    assert.equal(figures.upMs, 1_310 * MINUTE);
    assert.equal(figures.unobservedMs, 120 * MINUTE);
    assert.equal(figures.uptime, 1_310 / 1_320);
    assert.equal(figures.incidents, 1);
    assert.equal(figures.longestOutageMs, 10 * MINUTE);
  });

  test('does not count the time before the history began as unobserved', () => {
    const quarter = WINDOWS[3];
    assert.ok(quarter);
    const figures = figuresIn(history(), quarter, JOURNAL, NOW);
    assert.ok(figures.unobservedMs <= 120 * MINUTE, `${figures.unobservedMs}`);
    assert.equal(figures.from, new Date(NOW - 1_440 * MINUTE).toISOString());
  });

  for (const [kind, style, bars] of [
    ['blocks', COLOURED, /[█▁·]/],
    ['plain signs', PLAIN, /#{5,}[.#]*\.{2,}[-!]#+$/],
  ] as const) {
    test(`draws ${kind}, within 80 columns`, () => {
      const web = history();
      const figures = WINDOWS.map((window) => figuresIn(web, window, JOURNAL, NOW));
      const lines = uptimeLines([{ history: web, figures }], WINDOWS, {
        style,
        columns: 80,
        now: NOW,
      });
      const plain = lines.map((each) => stripVTControlCharacters(each));
      for (const each of plain) assert.ok(each.length <= 80, each);
      assert.match(plain[0] ?? '', /APP +24H +7D +30D +90D +DOWN +INCIDENTS +LONGEST +UNOBSERVED/);
      assert.match(plain[1] ?? '', /^web +99\.24 % +99\.24 % .* 10m +1 +10m +8 %/);
      assert.match(plain[2] ?? '', bars);
      if (kind === 'plain signs') {
        for (const each of plain.slice(2)) assert.match(each, /^[ -~]*$/, 'only ASCII');
      }
    });
  }

  for (const [window, minutes, wanted] of [
    ['2m', 2, 2],
    ['30m', 30, 30],
    ['1h', 60, 48],
    ['4h', 240, 16],
    ['11h', 660, 44],
    ['24h', 1_440, 48],
    ['3d', 4_320, 48],
    ['90d', 129_600, 48],
  ] as const) {
    test(`draws no time of ${window} as unobserved where all of it was seen`, () => {
      const buckets = new Buckets();
      const all = Array.from({ length: minutes + 120 }, (_, ago) => NOW / MINUTE - ago - 1);
      const seen = { upMs: MINUTE, downMs: 0, checks: 1, times: [] };
      for (const minute of all.toReversed()) buckets.add({ minute, ...seen });
      // Between two minutes, and the last one is not written yet.
      for (const [now, filledTo] of [
        [NOW, NOW],
        [NOW + 47_000, NOW],
        [NOW + 80_000, NOW],
      ] as const) {
        const web = new AppSeries({ name: 'web', instance: 0 }, buckets, () => ({ now, filledTo }));
        const one = [{ window, ms: minutes * MINUTE }];
        const page = { style: PLAIN, columns: 80, now };
        const [, , bars = ''] = uptimeLines([{ history: web, figures: [] }], one, page);
        assert.match(bars.trim(), /^#+$/);
        assert.equal(bars.length - 2, wanted);
      }
    });
  }

  test('never rounds an outage away', () => {
    assert.equal(percentText(1), '100 %');
    assert.equal(percentText(0.999_999), '99.99 %');
    assert.equal(percentText(0), '0.00 %');
  });

  test('shows a name with escape sequences as text', () => {
    const evil = history('\u001B[31mweb\nx');
    const figures = WINDOWS.map((window) => figuresIn(evil, window, [], NOW));
    const page = { style: PLAIN, columns: 80, now: NOW };
    const lines = uptimeLines([{ history: evil, figures }], WINDOWS, page);
    for (const each of lines) assert.ok(!each.includes('\u001B') && !each.includes('\n'));
  });
});
