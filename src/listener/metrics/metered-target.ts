import type { TargetView } from '../../report/view.ts';
import { sanitizeLine } from '../../text/sanitize.ts';
import type { Labels, Point } from './family.ts';
import type { Tally } from './tally.ts';

/** One target with what was counted of it. */
export interface MeteredTarget {
  readonly view: TargetView;
  readonly tally: Tally;
}

/** The labels of a target. Prometheus may rename `instance`: it has a label of that name for each server. */
export function labelsOf({ name, instance }: Pick<TargetView, 'name' | 'instance'>): Labels {
  return { app: sanitizeLine(name), instance: String(instance) };
}

/** The labels of its probe. */
export function probeLabelsOf(view: TargetView): Labels {
  return { ...labelsOf(view), probe: view.config.probe.type };
}

/** One series for each target for which `valueOf` gives a value. */
export function eachTarget(
  targets: readonly MeteredTarget[],
  valueOf: (view: TargetView) => number | null,
): Point[] {
  return targets.flatMap(({ view }) => {
    const value = valueOf(view);
    return value === null ? [] : [{ labels: labelsOf(view), value }];
  });
}
