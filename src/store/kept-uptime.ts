import { isFields } from '../text/fields.ts';
import { elapsedSince, toWall, type Instant, type SavedAt } from './memory-time.ts';

/**
 * The uptime of an app in the last week. Times are monotonic milliseconds here, and epoch milliseconds on
 * disk.
 */
export interface KeptUptime {
  readonly knownSince: number;
  readonly standing: 'up' | 'down' | 'unseen';
  readonly since: number;
  readonly stretches: readonly KeptStretch[];
  readonly incidents: readonly number[];
  readonly mended: readonly { readonly at: number; readonly downMs: number }[];
  readonly restarts: readonly number[];
}

interface KeptStretch {
  readonly from: number;
  readonly to: number;
  readonly standing: 'down' | 'unseen';
}

/** A file with a longer list is not ours. */
const MOST_ITEMS = 1_000;

/** What is written to disk, in whole milliseconds. */
export function toKeptUptime(uptime: KeptUptime, at: Instant): KeptUptime {
  return moved(uptime, (mono) => Math.round(toWall(mono, at)));
}

/** What a file says, in the time of this process. From the save until now nothing was observed. */
export function fromKeptUptime(kept: KeptUptime, saved: SavedAt, at: Instant): KeptUptime {
  const savedAt = at.now - elapsedSince(saved, at).mostMs;
  // If the wall clock was set back since then, some times would be in the future.
  const known = moved(kept, (wall) => Math.min(savedAt, savedAt - (saved.wall - wall)));
  const { standing, since, stretches } = known;
  if (standing === 'unseen') return known;
  const last = standing === 'up' ? [] : [{ from: since, to: savedAt, standing }];
  return {
    ...known,
    standing: 'unseen',
    since: savedAt,
    stretches: [...stretches, ...last].slice(-MOST_ITEMS),
  };
}

function moved(uptime: KeptUptime, to: (at: number) => number): KeptUptime {
  const { standing, knownSince, since, stretches, incidents, mended, restarts } = uptime;
  return {
    knownSince: to(knownSince),
    standing,
    since: to(since),
    stretches: stretches.map((each) => ({ ...each, from: to(each.from), to: to(each.to) })),
    incidents: incidents.map(to),
    mended: mended.map(({ at, downMs }) => ({ at: to(at), downMs: Math.round(downMs) })),
    restarts: restarts.map(to),
  };
}

/** True for what `toKeptUptime` writes. */
export function isKeptUptime(value: unknown): value is KeptUptime {
  if (!isFields(value)) return false;
  const { knownSince, standing, since, stretches, incidents, mended, restarts } = value;
  return (
    isTime(knownSince) &&
    isTime(since) &&
    (standing === 'up' || standing === 'down' || standing === 'unseen') &&
    isListOf(stretches, isStretch) &&
    isListOf(incidents, isTime) &&
    isListOf(mended, isMended) &&
    isListOf(restarts, isTime)
  );
}

function isStretch(value: unknown): boolean {
  if (!isFields(value)) return false;
  const { from, to, standing } = value;
  return isTime(from) && isTime(to) && from <= to && (standing === 'down' || standing === 'unseen');
}

function isMended(value: unknown): boolean {
  return isFields(value) && isTime(value['at']) && isTime(value['downMs']);
}

function isListOf(value: unknown, is: (item: unknown) => boolean): boolean {
  return Array.isArray(value) && value.length <= MOST_ITEMS && value.every(is);
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}
