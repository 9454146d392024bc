// What the history of an app takes in memory and on disk with 90 days in it, and how long it takes to show 100 of them.
import { AppSeries } from '../src/history/series/app-series.ts';
import { Buckets } from '../src/history/series/buckets.ts';
import { historyDocument } from '../src/history/series/document.ts';
import { encodeHistory, MOST_TAIL_BYTES } from '../src/history/series/history-file.ts';
import type { HistoryReader } from '../src/history/series/history.ts';
import { jsonText } from '../src/text/json-text.ts';
import { number, type Findings, type Part } from './part.ts';

const APPS = 100;
const DAYS = 90;
const MINUTE_MS = 60_000;

/** An app that was up all the time, but for a minute a day. */
function fill(buckets: Buckets, now: number, days: number): void {
  const last = Math.floor(now / MINUTE_MS);
  for (let minute = last - days * 1_440; minute < last; minute += 1) {
    const isDown = minute % 1_440 === 0;
    const times = [[20 + (minute % 9), 29] as const, [50, 1] as const];
    const [upMs, downMs] = isDown ? [0, MINUTE_MS] : [MINUTE_MS, 0];
    buckets.add({ minute, upMs, downMs, checks: 30, times });
  }
}

function bytesInUse(): number {
  globalThis.gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** The median time of some runs, in milliseconds. */
function median(work: () => unknown, runs: number): number {
  const times = Array.from({ length: runs }, () => {
    const from = performance.now();
    work();
    return performance.now() - from;
  });
  return times.toSorted((one, other) => one - other)[Math.floor(runs / 2)] ?? 0;
}

function measure(runs: number): Findings {
  const now = Date.now();
  const before = bytesInUse();
  const all = Array.from({ length: APPS }, () => new Buckets());
  const memory = (bytesInUse() - before) / APPS;
  // As if it had run for a year: what is older than 90 days has been written over.
  const [first = new Buckets()] = all;
  fill(first, now, 365);
  for (const buckets of all.slice(1)) buckets.bytes.set(first.bytes);
  const disk = encodeHistory({ name: 'web', instance: 0 }, first, now).length + MOST_TAIL_BYTES;
  const series = all.map(
    (buckets, at) =>
      new AppSeries({ name: `app-${at}`, instance: 0 }, buckets, () => ({ now, filledTo: now })),
  );
  const reader: HistoryReader = {
    names: () => series,
    of: (name) => series.find((each) => each.name === name) ?? null,
  };
  const text = (query: object): string => {
    const answer = historyDocument(reader, query, now);
    return answer.ok ? jsonText(answer.document) : '';
  };
  const day = DAYS * 1_440 * MINUTE_MS;
  const barsMs = median(() => series.map((each) => each.bars(now - day, day / 90, 90)), runs);
  const quartersMs = median(() => text({ step: '15m', since: '48h' }), runs);
  const hoursMs = median(() => text({ step: '1h', app: 'app-7' }), runs);
  return {
    tables: [
      {
        head: ['history of an app with 90 days', 'found'],
        rows: [
          ['in memory, KB', number(memory / 1_000)],
          ['on disk at most, KB', number(disk / 1_000)],
          [`bars of 90 days of ${APPS} apps, ms`, number(barsMs)],
          [`/api/history of ${APPS} apps by quarter hours, ms`, number(quartersMs)],
          ['/api/history of one app by hours, ms', number(hoursMs)],
        ],
      },
    ],
    goals: [
      { what: 'history of an app in memory, KB', figure: memory / 1_000, limit: 24 },
      { what: 'history of an app on disk, KB', figure: disk / 1_000, limit: 200 },
    ],
    figures: { memory, disk, barsMs, quartersMs, hoursMs },
  };
}

export const history: Part = {
  name: 'history',
  async run(isQuick) {
    return measure(isQuick ? 3 : 9);
  },
};
