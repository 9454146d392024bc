import type { MinuteRecord } from './minute-record.ts';
import { BINS, quantileBin } from './response-times.ts';
import { LEVELS, type Level } from './steps.ts';

/** A bucket as it is kept; null in the place of its times where there was no good answer. */
export interface KeptBucket {
  readonly upMs: number;
  readonly downMs: number;
  readonly checks: number;
  readonly p50: number | null;
  readonly p95: number | null;
  readonly max: number | null;
}

/** Where the buckets of each level begin. */
const STARTS = LEVELS.map((_, at) =>
  LEVELS.slice(0, at).reduce((sum, { capacity }) => sum + capacity, 0),
);
const ALL = LEVELS.reduce((sum, { capacity }) => sum + capacity, 0);

/** Up and down are kept in this many parts of a bucket: to 1 ms in a minute, to 60 ms in an hour. */
const PARTS = 60_000;
const MOST_CHECKS = 0xffff;

/** The open bucket of each level in doubles, then the words, then the bytes. */
const [OPEN_AT, WORDS_AT] = [0, 9 * 8];
const WORDS = 3 * ALL + LEVELS.length * BINS;
const BYTES_AT = WORDS_AT + 2 * WORDS;

/** How many bytes `Buckets` take, in memory and in a file. */
export const BUCKET_BYTES = BYTES_AT + 3 * ALL;

/** How many laps of a ring the three highest bits of a bucket's bytes can tell apart: one ahead, six behind. */
const LAPS = 8;
const MOST_BEHIND = 6;
const BIN_BITS = 0x7f;

/**
 * The buckets of one app, all series, in one block of memory. Each series is a ring: bucket `index` (its start
 * divided by its length) has the place `index % capacity`, and marks of the lap show whether a place still holds
 * an older bucket. So a clock that is set forward by mistake overwrites what it comes to, and nothing else. The
 * marks count from the open bucket: what they could not tell any more is cleared when that one moves.
 * What is added to a full bucket, because the clock was set back and shows a time again, does not make it
 * longer: the worse counts.
 */
export class Buckets {
  readonly bytes: Uint8Array;
  /** For each level: the index of the open bucket, its up and its down in exact milliseconds. */
  readonly #open: Float64Array;
  readonly #words: Uint16Array;
  readonly #marks: Uint8Array;
  /** The levels whose open bucket got answers that its p50 and p95 do not show yet. */
  readonly #unshown = new Set<number>();

  /** Takes over saved bytes, which must be `BUCKET_BYTES`; empty without them. */
  constructor(saved?: Uint8Array) {
    const memory = new ArrayBuffer(BUCKET_BYTES);
    this.bytes = new Uint8Array(memory);
    if (saved !== undefined) this.bytes.set(saved);
    this.#open = new Float64Array(memory, OPEN_AT, 9);
    this.#words = new Uint16Array(memory, WORDS_AT, WORDS);
    this.#marks = new Uint8Array(memory, BYTES_AT, 3 * ALL);
  }

  /** Adds what came in some minutes to all series. */
  add(...records: readonly MinuteRecord[]): void {
    for (const [at, level] of LEVELS.entries()) {
      for (const record of records) this.#addTo(at, level, record);
      this.#showTimes(at, level);
    }
  }

  /** The bucket of a level with this index; null where nothing is kept of it. */
  at(levelAt: number, level: Level, index: number): KeptBucket | null {
    const place = this.#placeOf(levelAt, level, index);
    if (this.#heldAt(place, level, index, this.#openIndex(levelAt)) !== index) return null;
    const up = this.#words[place] ?? 0;
    const down = this.#words[ALL + place] ?? 0;
    const checks = this.#words[2 * ALL + place] ?? 0;
    if (up === 0 && down === 0 && checks === 0) return null;
    const part = level.ms / PARTS;
    return {
      upMs: up * part,
      downMs: down * part,
      checks,
      p50: this.#binAt(place, 0),
      p95: this.#binAt(place, 1),
      max: this.#binAt(place, 2),
    };
  }

  #addTo(levelAt: number, level: Level, record: MinuteRecord): void {
    const index = Math.floor((record.minute * 60_000) / level.ms);
    const ahead = index - this.#openIndex(levelAt);
    // What came to light late has no probes, and leaves the open bucket open.
    const isLate = ahead < 0 && record.checks === 0 && ahead > -MOST_BEHIND * level.capacity;
    const moves = ahead !== 0 && !isLate;
    if (moves) {
      this.#showTimes(levelAt, level);
      this.#clearUntold(levelAt, level, index);
    }
    const place = this.#prepare(levelAt, level, index, moves ? index : this.#openIndex(levelAt));
    if (moves) this.#begin(levelAt, level, index, place);
    this.#addTime(levelAt, level, index, place, record);
    this.#words[2 * ALL + place] = Math.min(
      MOST_CHECKS,
      (this.#words[2 * ALL + place] ?? 0) + record.checks,
    );
    if (record.times.length > 0 && !isLate) this.#addAnswers(levelAt, place, record.times);
  }

  /** The place of a bucket, emptied where it holds an older one. */
  #prepare(levelAt: number, level: Level, index: number, open: number): number {
    const place = this.#placeOf(levelAt, level, index);
    if (this.#heldAt(place, level, index, open) !== index) {
      this.#clear(place);
      const lap = lapOf(level, index);
      for (let n = 0; n < 3; n += 1) this.#marks[3 * place + n] = ((lap >> n) & 1) << 7;
    }
    return place;
  }

  #begin(levelAt: number, level: Level, index: number, place: number): void {
    const part = level.ms / PARTS;
    const up = (this.#words[place] ?? 0) * part;
    this.#open.set([index, up, (this.#words[ALL + place] ?? 0) * part], 3 * levelAt);
    this.#countsOf(levelAt).fill(0);
  }

  #addTime(
    levelAt: number,
    level: Level,
    index: number,
    place: number,
    { upMs, downMs }: MinuteRecord,
  ): void {
    const part = level.ms / PARTS;
    const isOpen = this.#openIndex(levelAt) === index;
    const before = isOpen
      ? [this.#open[3 * levelAt + 1] ?? 0, this.#open[3 * levelAt + 2] ?? 0]
      : [(this.#words[place] ?? 0) * part, (this.#words[ALL + place] ?? 0) * part];
    const down = within((before[1] ?? 0) + downMs, level.ms);
    const up = within((before[0] ?? 0) + upMs, level.ms - down);
    if (isOpen) this.#open.set([up, down], 3 * levelAt + 1);
    const downParts = Math.round(down / part);
    this.#words[ALL + place] = downParts;
    this.#words[place] = Math.min(Math.round(up / part), PARTS - downParts);
  }

  #addAnswers(levelAt: number, place: number, times: MinuteRecord['times']): void {
    const counts = this.#countsOf(levelAt);
    let max = (this.#binAt(place, 2) ?? -1) + 1;
    for (const [bin, count] of times) {
      counts[bin] = Math.min(0xffff, (counts[bin] ?? 0) + count);
      max = Math.max(max, bin + 1);
    }
    this.#setBin(place, 2, max);
    this.#unshown.add(levelAt);
  }

  /** Once for many minutes, because it reads all bins: a file has thousands of them. */
  #showTimes(levelAt: number, level: Level): void {
    if (!this.#unshown.delete(levelAt)) return;
    const counts = this.#countsOf(levelAt);
    const open = this.#openIndex(levelAt);
    const place = this.#placeOf(levelAt, level, open);
    // What came to light late may have taken its place.
    if (this.#heldAt(place, level, open, open) !== open) return;
    this.#setBin(place, 0, (quantileBin(counts, 0.5) ?? -1) + 1);
    this.#setBin(place, 1, (quantileBin(counts, 0.95) ?? -1) + 1);
  }

  #openIndex(levelAt: number): number {
    return this.#open[3 * levelAt] ?? 0;
  }

  #countsOf(levelAt: number): Uint16Array {
    const from = 3 * ALL + levelAt * BINS;
    return this.#words.subarray(from, from + BINS);
  }

  #placeOf(levelAt: number, level: Level, index: number): number {
    return (STARTS[levelAt] ?? 0) + (index % level.capacity);
  }

  /**
   * Clears, before the open bucket moves to `index`, what its place would take for the bucket of another time.
   * Only places that it passes can be such: at most a whole ring.
   */
  #clearUntold(levelAt: number, level: Level, index: number): void {
    const open = this.#openIndex(levelAt);
    const passed = Math.min(Math.abs(index - open), level.capacity);
    const first = index > open ? open + 1 : open - passed + 1;
    for (let at = first; at < first + passed; at += 1) {
      const place = this.#placeOf(levelAt, level, at);
      const held = this.#heldAt(place, level, at, open);
      if (this.#heldAt(place, level, at, index) !== held) this.#clear(place);
    }
  }

  /** The bucket that a place holds, which is the one of `index` or some laps away, while `open` is the open one. */
  #heldAt(place: number, level: Level, index: number, open: number): number {
    const { capacity } = level;
    const due = index + Math.floor((open - index) / capacity) * capacity;
    const behind = (lapOf(level, due) - this.#lapAt(place) + LAPS) % LAPS;
    return due - (behind > MOST_BEHIND ? behind - LAPS : behind) * capacity;
  }

  #clear(place: number): void {
    for (let n = 0; n < 3; n += 1) {
      this.#words[n * ALL + place] = 0;
      this.#marks[3 * place + n] = 0;
    }
  }

  #lapAt(place: number): number {
    let lap = 0;
    for (let n = 0; n < 3; n += 1) lap |= ((this.#marks[3 * place + n] ?? 0) >> 7) << n;
    return lap;
  }

  /** The bin of the p50, p95 or maximum of a bucket; null where it had no good answer. */
  #binAt(place: number, n: number): number | null {
    const kept = (this.#marks[3 * place + n] ?? 0) & BIN_BITS;
    return kept === 0 ? null : kept - 1;
  }

  #setBin(place: number, n: number, kept: number): void {
    const at = 3 * place + n;
    this.#marks[at] = ((this.#marks[at] ?? 0) & ~BIN_BITS) | kept;
  }
}

function lapOf({ capacity }: Level, index: number): number {
  return Math.floor(index / capacity) % LAPS;
}

function within(ms: number, most: number): number {
  return Math.max(0, Math.min(ms, most));
}
