import type { Buckets } from './buckets.ts';
import type { AppHistory, HistoryBucket, HistorySum } from './history.ts';
import { timeOfBin } from './response-times.ts';
import { levelFor, LEVELS, type HistoryStep, type Level } from './steps.ts';

/**
 * While the last record is not older than this, the time since then is not known yet; after that it is
 * unobserved.
 */
const LATE_MS = 150_000;

/** The present time, and up to which time the buckets are filled; epoch milliseconds. */
interface Present {
  readonly now: number;
  readonly filledTo: number;
}

/** The buckets of an app for those who read them. */
export class AppSeries implements AppHistory {
  readonly name: string;
  readonly instance: number;
  readonly #buckets: Buckets;
  readonly #present: () => Present;

  constructor(
    { name, instance }: Pick<AppHistory, 'name' | 'instance'>,
    buckets: Buckets,
    present: () => Present,
  ) {
    this.name = name;
    this.instance = instance;
    this.#buckets = buckets;
    this.#present = present;
  }

  series(step: HistoryStep, since?: number): readonly HistoryBucket[] {
    const levelAt = LEVELS.findIndex((level) => level.step === step);
    const level: Level = LEVELS[levelAt] ?? LEVELS[2];
    const to = this.#knownTo();
    const last = Math.floor(to / level.ms);
    const first = Math.max(
      last - level.capacity + 1,
      since === undefined ? 0 : Math.floor(since / level.ms),
    );
    const buckets: HistoryBucket[] = [];
    for (let index = first; index <= last; index += 1) {
      const known = this.#buckets.at(levelAt, level, index);
      if (known === null && since === undefined && buckets.length === 0) continue;
      const from = index * level.ms;
      const { upMs, downMs, checks, p50, p95, max } = known ?? NOTHING;
      buckets.push({
        from,
        upMs,
        downMs,
        unobservedMs: restOf(Math.min(level.ms, to - from), upMs, downMs),
        checks,
        p50Ms: p50 === null ? null : timeOfBin(p50),
        p95Ms: p95 === null ? null : timeOfBin(p95),
        maxMs: max === null ? null : timeOfBin(max),
      });
    }
    return buckets;
  }

  bars(from: number, barMs: number, count: number): readonly HistorySum[] {
    const to = this.#knownTo();
    const level = levelFor(to - from);
    const levelAt = LEVELS.findIndex(({ step }) => step === level.step);
    const end = Math.min(to, from + barMs * count);
    const last = Math.ceil(end / level.ms) - 1;
    const sums = Array.from({ length: count }, () => ({ upMs: 0, downMs: 0, checks: 0 }));
    const first = Math.max(Math.floor(from / level.ms), last - level.capacity + 1);
    for (let index = first; index <= last; index += 1) {
      const known = this.#buckets.at(levelAt, level, index);
      const begin = Math.max(from, index * level.ms);
      const until = Math.min(end, (index + 1) * level.ms);
      if (known === null) continue;
      const lengthMs = Math.min(to, (index + 1) * level.ms) - index * level.ms;
      // Each bar gets as much of a bucket as is in it: bars may be shorter, and begin within one.
      for (let at = Math.floor((begin - from) / barMs); from + at * barMs < until; at += 1) {
        const sum = sums[at];
        const [barFrom, barTo] = [from + at * barMs, from + (at + 1) * barMs];
        const part = Math.max(0, Math.min(until, barTo) - Math.max(begin, barFrom)) / lengthMs;
        if (sum === undefined) continue;
        sum.upMs += known.upMs * part;
        sum.downMs += known.downMs * part;
        sum.checks += known.checks * part;
      }
    }
    return sums.map((exact, at) => {
      const begin = from + at * barMs;
      const [upMs, downMs] = [Math.round(exact.upMs), Math.round(exact.downMs)];
      const sum = { upMs, downMs, checks: Math.round(exact.checks) };
      const lengthMs = Math.max(0, Math.min(barMs, to - begin));
      return { from: begin, ...sum, unobservedMs: restOf(lengthMs, sum.upMs, sum.downMs) };
    });
  }

  #knownTo(): number {
    const { now, filledTo } = this.#present();
    return filledTo <= now && now - filledTo < LATE_MS ? filledTo : now;
  }
}

const NOTHING = { upMs: 0, downMs: 0, checks: 0, p50: null, p95: null, max: null } as const;

function restOf(lengthMs: number, upMs: number, downMs: number): number {
  return Math.max(0, Math.round(lengthMs - upMs - downMs));
}
