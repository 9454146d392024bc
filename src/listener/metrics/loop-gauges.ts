import type { LoopDelayFigures } from '../../report/loop-delay.ts';
import type { TargetView } from '../../report/view.ts';
import { gauge, type PlainFamily } from './family.ts';
import { eachTarget, type MeteredTarget } from './metered-target.ts';

/** How late the event loops of the targets with the agent were; each is asked once for all three. */
export function loopGauges(
  targets: readonly MeteredTarget[],
  delayOf: (view: TargetView) => LoopDelayFigures | null,
): PlainFamily[] {
  const known = new Map(targets.map(({ view }) => [view, delayOf(view)]));
  const family = (part: string, key: keyof LoopDelayFigures, what: string): PlainFamily =>
    gauge(
      `event_loop_delay_${part}_seconds`,
      `${what} of the app's event loop in the last minute.`,
      eachTarget(targets, (view) => {
        const delay = known.get(view) ?? null;
        return delay === null ? null : delay[key] / 1_000;
      }),
    );
  return [
    family('p50', 'p50Ms', 'The median delay'),
    family('p99', 'p99Ms', 'The 99th percentile of the delay'),
    family('max', 'maxMs', 'The longest delay'),
  ];
}
