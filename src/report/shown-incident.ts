import type { StateName } from '../verdict/state.ts';

/** The states of an app that is now well and now not, as its incident says. */
const CALM: ReadonlySet<StateName> = new Set(['healthy', 'failing', 'degraded']);

/** The cause of an incident that is shown in place of the state, because it says more; null where the state says it all. */
export function shownIncident(
  state: StateName,
  cause: string | undefined,
): 'flapping' | 'unstable' | null {
  if (cause === 'unstable') return CALM.has(state) || state === 'starting' ? cause : null;
  return cause === 'flapping' && CALM.has(state) ? cause : null;
}
