import type { Sample } from '../../probe/probe.ts';
import type { IncarnationId } from '../process.ts';
import type { Failure } from '../streak.ts';

/** An app flaps when it changes this often between good and bad within this time (DESIGN §11). */
const FLAP_CHANGES = 5;
export const FLAP_MS = 300_000;

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
    const changes = flap.isGood ? flap.changes : addChange(flap.changes, at);
    return { ...flap, isGood: true, changes, buckets: addToBuckets(flap.buckets, at, 1, 0) };
  }
  const { failure, badAt } = { failure: sample, badAt: at };
  if (flap === null) {
    const buckets = addToBuckets([], at, 0, 1);
    return { incarnation, from: at, isGood: false, changes: [at], buckets, failure, badAt };
  }
  const changes = flap.isGood ? addChange(flap.changes, at) : flap.changes;
  const buckets = addToBuckets(flap.buckets, at, 0, 1);
  return { ...flap, isGood: false, changes, buckets, failure, badAt };
}

/** Says for people how the app flaps; null where it does not. */
export function describeFlapping(flap: Flap, at: number): string | null {
  const { changes, from, failure } = flap;
  const seen = `last ${failure.class}: ${failure.detail}`;
  const first = changes.length < FLAP_CHANGES ? undefined : changes[0];
  if (first !== undefined && at - first <= FLAP_MS) {
    const seconds = Math.max(1, Math.round(((changes.at(-1) ?? first) - first) / 1_000));
    return `good and bad in turn, ${changes.length} changes in ${seconds} s; ${seen}`;
  }
  const recent = changes.filter((time) => time > at - FLAP_MS).length;
  if (at - from < SHARE_MS || recent < SHARE_CHANGES) return null;
  // While a developer edits the source, it is often broken.
  if (failure.class === 'source') return null;
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
export function lastChangeAt({ changes, from }: Flap): number {
  return changes.at(-1) ?? from;
}

function addChange(changes: readonly number[], at: number): readonly number[] {
  return [...changes, at].slice(-FLAP_CHANGES);
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
