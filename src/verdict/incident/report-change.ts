import { isBlind, type StateName } from '../state.ts';
import type { Decision } from '../decision.ts';
import type { Verdict, Told } from '../verdict.ts';

/** Of what goes back and forth, one line in so long. */
export const HUSH_MS = 60_000;

/** So many changes between calm states in a minute, and of more there is one line a minute as well. */
const SWINGS = 8;

/** What an app goes back and forth between without anything being done. */
const CALM: ReadonlySet<StateName> = new Set<StateName>([
  'healthy',
  'failing',
  'backoff',
  'open',
  'degraded',
  'unknown',
]);

/**
 * Tells a change of state, marked where it is one of many: while an app flaps, and where its check tells
 * something now and nothing then. Of each of the two there is a line a minute instead.
 */
export function hushed(
  before: Verdict,
  verdict: Verdict,
): { told: Told; spoken: readonly Decision[] } {
  const isFlapping = verdict.incident?.cause === 'flapping';
  if (isFlapping && before.incident?.cause !== 'flapping') {
    return {
      told: { ...verdict.told, flappingAt: verdict.at },
      spoken: transition(before, verdict, true),
    };
  }
  if (isFlapping) return whileFlapping(before, verdict);
  return besidesUnknown(before, verdict);
}

function whileFlapping(before: Verdict, verdict: Verdict): ReturnType<typeof hushed> {
  const { flap, told, at } = verdict;
  const spoken = transition(before, verdict, CALM.has(verdict.state.name));
  const isNews = flap !== null && flap.badAt > told.flappingAt;
  if (!isNews || at - told.flappingAt < HUSH_MS) return { told, spoken };
  return {
    told: { ...told, flappingAt: at },
    spoken: [...spoken, { type: 'still', what: 'flapping' }],
  };
}

function besidesUnknown(before: Verdict, verdict: Verdict): ReturnType<typeof hushed> {
  const { told, at } = verdict;
  const [was, is] = [isBlind(before.state), isBlind(verdict.state)];
  const isDue = at - told.unknownAt >= HUSH_MS;
  if (is && !was) {
    const next = isDue
      ? { ...told, unknownAt: at, isUnknown: true }
      : { ...told, isUnknown: false };
    return { told: next, spoken: transition(before, verdict, !isDue) };
  }
  if (is && !told.isUnknown && isDue) {
    const next = { ...told, unknownAt: at, isUnknown: true };
    return { told: next, spoken: [{ type: 'still', what: 'unknown' }] };
  }
  const isBackUntold = was && !is && !told.isUnknown && CALM.has(verdict.state.name);
  if (isBackUntold || was || is) return { told, spoken: transition(before, verdict, isBackUntold) };
  return besidesSwings(before, verdict);
}

/** What is bad in two ways in turn, or has a broken source now and then, is no flapping, and no flood either. */
function besidesSwings(before: Verdict, verdict: Verdict): ReturnType<typeof hushed> {
  const { told, at } = verdict;
  const [from, to] = [before.state.name, verdict.state.name];
  const isDue = at - told.swungAt >= HUSH_MS;
  if (from === to) {
    if (!told.isBehind || !isDue) return { told, spoken: [] };
    const next = { ...told, swungAt: at, isBehind: false };
    return { told: next, spoken: [{ type: 'still', what: 'swinging' }] };
  }
  if (!CALM.has(from) || !CALM.has(to)) {
    const next = told.isBehind ? { ...told, isBehind: false } : told;
    return { told: next, spoken: transition(before, verdict, false) };
  }
  const swings = [...told.swings, at].slice(-SWINGS);
  const isMany = swings.length === SWINGS && at - (swings[0] ?? at) <= HUSH_MS;
  const isBehind = isMany && !isDue;
  const next = { ...told, swings, swungAt: isBehind ? told.swungAt : at, isBehind };
  return { told: next, spoken: transition(before, verdict, isBehind) };
}

function transition(before: Verdict, verdict: Verdict, isHushed: boolean): readonly Decision[] {
  const [from, to] = [before.state.name, verdict.state.name];
  if (from === to) return [];
  return [{ type: 'transition', from, to, ...(isHushed && { isHushed }) }];
}
