import type { TargetView } from '../../report/view.ts';
import { usedAt } from '../../verdict/budget.ts';
import type { StateName } from '../../verdict/state.ts';
import { gauge, type PlainFamily, type Point } from './family.ts';
import { withWord } from './label-text.ts';
import { eachTarget, probeLabelsOf, type MeteredTarget } from './metered-target.ts';

/** Every state has a series, 0 or 1, so that a rule can ask for one that never was. */
const STATES: Readonly<Record<StateName, true>> = {
  starting: true,
  healthy: true,
  failing: true,
  restarting: true,
  backoff: true,
  open: true,
  halfOpen: true,
  degraded: true,
  paused: true,
  unknown: true,
};

/** How the targets are at `now` (monotonic); `secondsOf` makes seconds of the epoch of such a time. */
export function targetGauges(
  targets: readonly MeteredTarget[],
  now: number,
  secondsOf: (time: number) => number,
): PlainFamily[] {
  const each = (name: string, help: string, valueOf: (view: TargetView) => number | null) =>
    gauge(name, help, eachTarget(targets, valueOf));
  return [
    gauge('target_state', '1 for the state of the target, 0 for the others.', statesOf(targets)),
    gauge('probe_success', '1 where the last probe was answered well.', successOf(targets)),
    each('incident_open', '1 while an incident is open.', ({ verdict }) =>
      verdict.incident === null ? 0 : 1,
    ),
    each(
      'restart_budget_remaining',
      'Restarts of ours that are still allowed in the window.',
      ({ config, verdict }) => {
        const { restarts } = config.policy;
        return Math.max(0, restarts.limit - usedAt(verdict.memory.budget, now, restarts));
      },
    ),
    each(
      'breaker_open_until_timestamp_seconds',
      'Until when an app that was given up is not restarted.',
      ({ verdict: { memory } }) => (memory.openUntil === null ? null : secondsOf(memory.openUntil)),
    ),
    each('paused', '1 while the target is not judged.', ({ verdict }) =>
      verdict.state.name === 'paused' ? 1 : 0,
    ),
    each(
      'tls_not_after_timestamp_seconds',
      "When the server's certificate ends.",
      ({ tlsNotAfter = null }) => (tlsNotAfter === null ? null : tlsNotAfter / 1_000),
    ),
  ];
}

function statesOf(targets: readonly MeteredTarget[]): Point[] {
  const states = Object.keys(STATES);
  return targets.flatMap(({ view, tally: { labels } }) => {
    const { name } = view.verdict.state;
    return states.map((state) => {
      return { labels: withWord(labels, 'state', state), value: name === state ? 1 : 0 };
    });
  });
}

/** A probe without a result says nothing of the app. */
function successOf(targets: readonly MeteredTarget[]): Point[] {
  return targets.flatMap((target) => {
    const kind = target.view.last?.kind ?? 'unknown';
    if (kind === 'unknown') return [];
    return [{ labels: probeLabelsOf(target), value: kind === 'ok' ? 1 : 0 }];
  });
}
