import type { Sample } from '../../probe/probe.ts';
import type { IncarnationId } from '../process.ts';
import type { Failure } from '../streak.ts';

/** An app flaps when it changes this often between good and bad within this time (DESIGN §11). */
const FLAP_CHANGES = 5;
export const FLAP_MS = 300_000;

/**
 * Broken source that comes and goes is a person at work, unless it does so more often than a person can: this many
 * changes within this time (DESIGN §11).
 */
const EDIT_CHANGES = 12;
const EDIT_MS = 60_000;

/**
 * It also flaps with a smaller share of good answers than this in this time, if it went bad more than
 * once.
 */
const GOOD_SHARE = 0.8;
const SHARE_MS = 120_000;

/** Bad, good and bad again. Fewer changes are one outage, no matter how many bad answers it had. */
const SHARE_CHANGES = 3;

/** Flapping is over after this time without a bad answer. */
export const QUIET_MS = 300_000;

const BUCKET_MS = 10_000;

/** The answers of ten seconds, counted. */
interface Bucket {
  readonly at: number;
  readonly good: number;
  readonly bad: number;
}

/** The answers of one incarnation, counted since it first went bad. The size is bounded. */
export interface Flap {
  readonly incarnation: IncarnationId;
  /** When counting began. */
  readonly from: number;
  readonly isGood: boolean;
  /** When the answers last changed between good and bad, oldest first; five at most. */
  readonly changes: readonly number[];
  /** The same between good and broken source; twelve at most. */
  readonly edits: readonly number[];
  /** The last two minutes, oldest first. */
  readonly buckets: readonly Bucket[];
  /** The last bad answer, and when it came. */
  readonly failure: Failure;
  readonly badAt: number;
}

/** Counts one more answer of an incarnation. Nothing is counted while all answers are good. */
export function countAnswer(
  before: Flap | null,
  sample: Exclude<Sample, { readonly kind: 'unknown' }>,
  incarnation: IncarnationId,
  at: number,
): Flap | null {
  const flap = before?.incarnation === incarnation ? before : null;
  if (sample.kind === 'ok') {
    if (flap === null || at - flap.badAt >= QUIET_MS) return null;
    const changed = flap.isGood ? flap : withChange(flap, flap.failure, at);
    return { ...changed, isGood: true, buckets: addToBuckets(flap.buckets, at, 1, 0) };
  }
  const known = flap ?? freshFlap(incarnation, sample, at);
  const changed = known.isGood ? withChange(known, sample, at) : known;
  // A broken source is no bad answer of the app.
  const buckets = isSource(sample) ? known.buckets : addToBuckets(known.buckets, at, 0, 1);
  return { ...changed, isGood: false, buckets, failure: sample, badAt: at };
}

/** Says for people how the app flaps; null where it does not. */
export function describeFlapping(flap: Flap, at: number): string | null {
  const { changes, from, failure } = flap;
  const seen = `last ${failure.class}: ${failure.detail}`;
  const often = oftenChanged(flap, at);
  const first = often?.[0];
  if (often !== null && first !== undefined) {
    const seconds = Math.max(1, Math.round(((often.at(-1) ?? first) - first) / 1_000));
    return `good and bad in turn, ${often.length} changes in ${seconds} s; ${seen}`;
  }
  const recent = changes.filter((time) => time > at - FLAP_MS).length;
  if (at - from < SHARE_MS || recent < SHARE_CHANGES) return null;
  const { good, all } = shareOf(flap, at);
  return good < GOOD_SHARE * all
    ? `${good} of ${all} answers of 2 minutes were good; ${seen}`
    : null;
}

/** How many answers came in the last two minutes, and how many of them were good. */
export function shareOf({ buckets }: Flap, at: number): { good: number; all: number } {
  const recent = buckets.filter((bucket) => bucket.at > at - SHARE_MS);
  const good = recent.reduce((sum, bucket) => sum + bucket.good, 0);
  return { good, all: recent.reduce((sum, bucket) => sum + bucket.bad, good) };
}

/** When the answers last changed between good and bad. */
export function lastChangeAt({ changes, edits, from }: Flap): number {
  return Math.max(from, changes.at(-1) ?? from, edits.at(-1) ?? from);
}

/** When the flapping began, of an app that flaps at `at`. */
export function flapsSince(flap: Flap, at: number): number {
  return (oftenChanged(flap, at) ?? flap.changes)[0] ?? flap.from;
}

/** The changes that are too many for their time; null where they are not. */
function oftenChanged({ changes, edits }: Flap, at: number): readonly number[] | null {
  if (changes.length === FLAP_CHANGES && at - (changes[0] ?? at) <= FLAP_MS) return changes;
  return edits.length === EDIT_CHANGES && at - (edits[0] ?? at) <= EDIT_MS ? edits : null;
}

function isSource(failure: Failure): boolean {
  return failure.class === 'source';
}

/** Counting begins with a bad answer, and with it the first change. */
function freshFlap(incarnation: IncarnationId, failure: Failure, at: number): Flap {
  const none = { changes: [], edits: [], buckets: [] };
  return { incarnation, from: at, isGood: true, ...none, failure, badAt: at };
}

/** Counts a change from good to a failure, or back. */
function withChange(flap: Flap, failure: Failure, at: number): Flap {
  return isSource(failure)
    ? { ...flap, edits: [...flap.edits, at].slice(-EDIT_CHANGES) }
    : { ...flap, changes: [...flap.changes, at].slice(-FLAP_CHANGES) };
}

function addToBuckets(
  buckets: readonly Bucket[],
  at: number,
  good: number,
  bad: number,
): readonly Bucket[] {
  const last = buckets.at(-1);
  if (last !== undefined && at < last.at + BUCKET_MS) {
    return buckets.with(buckets.length - 1, {
      at: last.at,
      good: last.good + good,
      bad: last.bad + bad,
    });
  }
  return [...buckets.filter((bucket) => bucket.at > at - SHARE_MS), { at, good, bad }];
}
