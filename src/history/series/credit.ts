import type { Uptime, UptimeState } from '../../uptime/figures.ts';

/** Up to when an app's time was credited, and by which uptime; monotonic milliseconds. */
export interface Credited {
  readonly uptime: Uptime;
  readonly until: number;
}

/** Adds a stretch of monotonic time that was up or down; `sign` is -1 where it is taken back. */
export type AddStretch = (
  standing: Exclude<UptimeState, 'unseen'>,
  from: number,
  to: number,
  sign: 1 | -1,
) => void;

/**
 * Credits the time since the last credit, as the uptime has it: what counts as up and down is decided in
 * `src/uptime` alone. A change is often known only after it happened (the middle between two probes), so what was
 * credited meanwhile is taken back from then on, but never before `floor`, where another time of the wall clock
 * began.
 */
export function credit(
  before: Credited,
  uptime: Uptime,
  to: number,
  floor: number,
  add: AddStretch,
): Credited {
  let from = before.until;
  if (uptime !== before.uptime) {
    const { since, standing } = before.uptime;
    const changedAt = firstOther(uptime, standing, Math.max(since, floor), from);
    if (changedAt !== null) {
      if (standing !== 'unseen') add(standing, changedAt, from, -1);
      from = changedAt;
    }
  }
  eachStretch(uptime, from, to, (standing, begin, end) => {
    if (standing !== 'unseen') add(standing, begin, end, 1);
  });
  return { uptime, until: Math.max(to, before.until) };
}

/** When between two times an uptime first has another standing than this; null where it never has. */
function firstOther(
  uptime: Uptime,
  standing: UptimeState,
  from: number,
  to: number,
): number | null {
  let first: number | null = null;
  eachStretch(uptime, from, to, (other, begin) => {
    if (other !== standing) first ??= begin;
  });
  return first;
}

/** Calls `visit` for each stretch of one standing between two times, in order, without gaps. */
function eachStretch(
  { knownSince, stretches, standing, since }: Uptime,
  from: number,
  to: number,
  visit: (standing: UptimeState, from: number, to: number) => void,
): void {
  let at = from;
  const upTo = (end: number, is: UptimeState): void => {
    const until = Math.min(end, to);
    if (until <= at) return;
    visit(is, at, until);
    at = until;
  };
  upTo(knownSince, 'unseen');
  for (const stretch of stretches) {
    upTo(stretch.from, 'up');
    upTo(stretch.to, stretch.standing);
  }
  upTo(since, 'up');
  upTo(to, standing);
}
