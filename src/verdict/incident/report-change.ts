import { isBlind, type State, type StateName } from '../state.ts';
import type { Decision } from '../decision.ts';
import type { Verdict, Reported } from '../verdict.ts';
import { isRestless, lastRestartAt } from './unstable.ts';

/** Changes that go back and forth get one log line in this time. */
const HUSH_MS = 60_000;

/** With more changes than this between calm states in a minute, these get one line a minute too. */
const SWINGS = 8;

/** States between which an app can change back and forth while nothing is done. */
const CALM: ReadonlySet<StateName> = new Set<StateName>([
  'healthy',
  'failing',
  'backoff',
  'open',
  'degraded',
  'unknown',
]);

/** A start of the app's own is calm too: nothing is done about it. */
function isCalm(state: State): boolean {
  return CALM.has(state.name) || (state.name === 'starting' && state.own !== undefined);
}

/**
 * Reports a change of state. It is marked as one of many while an app flaps, and while its check goes
 * back and forth between an answer and none. These get one line a minute instead.
 */
export function reportChange(
  before: Verdict,
  verdict: Verdict,
): { reported: Reported; changes: readonly Decision[] } {
  const isFlapping = verdict.incident?.cause === 'flapping';
  if (isFlapping && before.incident?.cause !== 'flapping') {
    return {
      reported: { ...verdict.reported, flappingAt: verdict.at },
      changes: changeOf(before, verdict, true),
    };
  }
  if (isFlapping) return whileFlapping(before, verdict);
  const { incident, restartRun, at } = verdict;
  if (incident?.cause === 'unstable') return whileRestless(before, verdict);
  if (isRestless(restartRun, at) && isSameIncident(before, verdict)) {
    return whileRestless(before, verdict);
  }
  return besidesUnknown(before, verdict);
}

/** True where nothing new is known of what is wrong, or nothing is. */
function isSameIncident({ incident: before }: Verdict, { incident: after }: Verdict): boolean {
  return before?.cause === after?.cause && before?.openedAt === after?.openedAt;
}

function whileFlapping(before: Verdict, verdict: Verdict): ReturnType<typeof reportChange> {
  const { flap, reported, at } = verdict;
  const changes = changeOf(before, verdict, isCalm(verdict.state));
  const isNews = flap !== null && flap.badAt > reported.flappingAt;
  if (!isNews || at - reported.flappingAt < HUSH_MS) return { reported, changes };
  return {
    reported: { ...reported, flappingAt: at },
    changes: [...changes, { type: 'still', what: 'flapping' }],
  };
}

/**
 * States that an app goes through with each restart of PM2's. In `degraded` a process finds each time what a
 * restart cannot fix, such as a port that another program has.
 */
const RESTLESS: ReadonlySet<StateName> = new Set([
  'starting',
  'healthy',
  'failing',
  'degraded',
  'unknown',
]);

function whileRestless(before: Verdict, verdict: Verdict): ReturnType<typeof reportChange> {
  const { incident, restartRun: run, reported, at } = verdict;
  const isHushed = RESTLESS.has(before.state.name) && RESTLESS.has(verdict.state.name);
  const changes = changeOf(before, verdict, isHushed);
  if (incident === null) return { reported, changes };
  const isNew = incident.cause === 'unstable' && before.incident?.cause !== 'unstable';
  const isNews = run !== null && lastRestartAt(run) > reported.unstableAt;
  if (!isNew && (!isNews || at - reported.unstableAt < HUSH_MS)) return { reported, changes };
  return {
    reported: { ...reported, unstableAt: at },
    changes: isNew ? changes : [...changes, { type: 'still', what: 'unstable' }],
  };
}

function besidesUnknown(before: Verdict, verdict: Verdict): ReturnType<typeof reportChange> {
  const { reported, at } = verdict;
  const [was, is] = [isBlind(before.state), isBlind(verdict.state)];
  const isDue = at - reported.unknownAt >= HUSH_MS;
  if (is && !was) {
    const next = isDue
      ? { ...reported, unknownAt: at, isUnknown: true }
      : { ...reported, isUnknown: false };
    return { reported: next, changes: changeOf(before, verdict, !isDue) };
  }
  if (is && !reported.isUnknown && isDue) {
    const next = { ...reported, unknownAt: at, isUnknown: true };
    return { reported: next, changes: [{ type: 'still', what: 'unknown' }] };
  }
  const isBackUntold = was && !is && !reported.isUnknown && isCalm(verdict.state);
  if (isBackUntold || was || is)
    return { reported, changes: changeOf(before, verdict, isBackUntold) };
  return besidesSwings(before, verdict);
}

/**
 * An app that fails in two ways in turn, or has a broken source now and then, does not flap, but must not
 * flood the log.
 */
function besidesSwings(before: Verdict, verdict: Verdict): ReturnType<typeof reportChange> {
  const { reported, at } = verdict;
  const [from, to] = [before.state.name, verdict.state.name];
  const isDue = at - reported.swungAt >= HUSH_MS;
  if (from === to) {
    if (!reported.isBehind || !isDue) return { reported, changes: [] };
    const next = { ...reported, swungAt: at, isBehind: false };
    return { reported: next, changes: [{ type: 'still', what: 'swinging' }] };
  }
  if (!isCalm(before.state) || !isCalm(verdict.state)) {
    const next = reported.isBehind ? { ...reported, isBehind: false } : reported;
    return { reported: next, changes: changeOf(before, verdict, false) };
  }
  const swings = [...reported.swings, at].slice(-SWINGS);
  const isMany = swings.length === SWINGS && at - (swings[0] ?? at) <= HUSH_MS;
  const isBehind = isMany && !isDue;
  const next = { ...reported, swings, swungAt: isBehind ? reported.swungAt : at, isBehind };
  return { reported: next, changes: changeOf(before, verdict, isBehind) };
}

function changeOf(before: Verdict, verdict: Verdict, isHushed: boolean): readonly Decision[] {
  const [from, to] = [before.state.name, verdict.state.name];
  if (from === to) return [];
  return [{ type: 'transition', from, to, ...(isHushed && { isHushed }) }];
}
