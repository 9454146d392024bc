/**
 * Whether an app was seen to answer well (`up`), seen not to (`down`), or not observed by a fit monitor
 * (`unseen`).
 */
export type UptimeState = 'up' | 'down' | 'unseen';

/** A stretch of time that was not `up`. Monotonic milliseconds. */
interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly standing: Exclude<UptimeState, 'up'>;
}

/** An incident that is over, for the figures. */
interface Recovery {
  /** When the app answered again; monotonic milliseconds. */
  readonly at: number;
  readonly downMs: number;
}

/** The uptime of an app in the last week; times are monotonic milliseconds. Immutable. */
export interface Uptime {
  /** Nothing is known of the time before this. */
  readonly knownSince: number;
  readonly standing: UptimeState;
  readonly since: number;
  /** The stretches that were not `up` before `since`, oldest first; the rest was `up`. */
  readonly stretches: readonly Stretch[];
  /** When incidents opened. */
  readonly incidents: readonly number[];
  readonly mended: readonly Recovery[];
  /** When our restarts were issued. */
  readonly restarts: readonly number[];
}

/** The figures of one window that ends now; times in milliseconds. */
export interface Figures {
  /** Time `up` ÷ time observed, 0 to 1; null where nothing was observed. */
  readonly availability: number | null;
  readonly observedMs: number;
  readonly downMs: number;
  readonly incidents: number;
  readonly restarts: number;
  /** The mean downtime of the incidents that ended as `recovered`; null where none did. */
  readonly meanTimeToRecoverMs: number | null;
}

/** The longest window of the figures; older times are forgotten. */
export const LONGEST_MS = 7 * 86_400_000;

/** This many of each kind are kept; an app that flaps all week is known for a shorter time. */
export const MOST_KEPT = 200;

/** Nothing is known yet. */
export function unknownUptime(at: number): Uptime {
  const none = { stretches: [], incidents: [], mended: [], restarts: [] };
  return { knownSince: at, standing: 'unseen', since: at, ...none };
}

/**
 * Notes that the app has this standing from `at` on. A time before the last change counts as the time of that
 * change.
 */
export function enterState(uptime: Uptime, standing: UptimeState, at: number): Uptime {
  if (standing === uptime.standing) return uptime;
  const until = Math.max(at, uptime.since);
  const { standing: before, since: from } = uptime;
  const stretches =
    before === 'up' || until === from
      ? uptime.stretches
      : [...uptime.stretches, { from, to: until, standing: before }];
  return forget({ ...uptime, standing, since: until, stretches }, until);
}

/** Notes that an incident opened. */
export function addIncident(uptime: Uptime, at: number): Uptime {
  return { ...uptime, incidents: [...uptime.incidents, at].slice(-MOST_KEPT) };
}

/** Notes that an incident ended as `recovered`. */
export function addRecovery(uptime: Uptime, at: number, downMs: number): Uptime {
  return { ...uptime, mended: [...uptime.mended, { at, downMs }].slice(-MOST_KEPT) };
}

/** Notes that a restart of ours was issued. */
export function addRestart(uptime: Uptime, at: number): Uptime {
  return { ...uptime, restarts: [...uptime.restarts, at].slice(-MOST_KEPT) };
}

/** How long the app was seen down between two times. */
export function downBetween(uptime: Uptime, from: number, to: number): number {
  return timeIn(uptime, 'down', from, to);
}

/** How long the app was seen down in an incident that began at `openedAt`. */
export function downtimeOf(uptime: Uptime, openedAt: number, now: number): number {
  return downBetween(uptime, downSinceOf(uptime, openedAt), now);
}

/** When the downtime at `at` began; `at` itself where the app was not down. */
export function downSinceOf({ stretches, standing, since }: Uptime, at: number): number {
  if (standing === 'down' && since <= at) return since;
  const around = stretches.find((each) => each.standing === 'down' && each.to >= at);
  return around !== undefined && around.from <= at ? around.from : at;
}

/** The figures of the last `windowMs`. */
export function figuresOf(uptime: Uptime, windowMs: number, now: number): Figures {
  const from = now - windowMs;
  const knownFrom = Math.max(from, uptime.knownSince);
  const unseenMs = timeIn(uptime, 'unseen', knownFrom, now);
  const observedMs = Math.max(0, now - knownFrom - unseenMs);
  // Sums in another order can differ by a rounding error, which would give -0.01 %.
  const downMs = Math.min(observedMs, timeIn(uptime, 'down', knownFrom, now));
  const mendedIn = uptime.mended.filter(({ at }) => at >= from);
  const sumMs = mendedIn.reduce((sum, { downMs: ms }) => sum + ms, 0);
  return {
    availability: observedMs > 0 ? (observedMs - downMs) / observedMs : null,
    observedMs,
    downMs,
    incidents: uptime.incidents.filter((at) => at >= from).length,
    restarts: uptime.restarts.filter((at) => at >= from).length,
    meanTimeToRecoverMs: mendedIn.length > 0 ? sumMs / mendedIn.length : null,
  };
}

function timeIn(uptime: Uptime, standing: Stretch['standing'], from: number, to: number): number {
  const current = { from: uptime.since, to: Math.max(to, uptime.since), standing: uptime.standing };
  return [...uptime.stretches, current]
    .filter((stretch) => stretch.standing === standing)
    .reduce((sum, each) => sum + Math.max(0, Math.min(each.to, to) - Math.max(each.from, from)), 0);
}

/** Drops what no window reaches; of too many stretches, the oldest and all before them. */
function forget(uptime: Uptime, now: number): Uptime {
  const { stretches } = uptime;
  if (stretches.length <= MOST_KEPT && (stretches[0]?.to ?? now) >= now - LONGEST_MS) return uptime;
  const kept = stretches.filter(({ to }) => to >= now - LONGEST_MS).slice(-MOST_KEPT);
  const dropped = stretches.at(-kept.length - 1);
  const isTooMany = dropped !== undefined && dropped.to >= now - LONGEST_MS;
  const knownSince = isTooMany ? dropped.to : uptime.knownSince;
  return { ...uptime, stretches: kept, knownSince };
}
