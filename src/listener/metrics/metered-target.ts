import type { TargetView } from '../../report/view.ts';
import type { Point } from './family.ts';
import { withWord, type LabelText } from './label-text.ts';
import type { Tally } from './tally.ts';

/** One target with what was counted of it. */
export interface MeteredTarget {
  readonly view: TargetView;
  readonly tally: Tally;
}

/** The labels of its probe. */
export function probeLabelsOf({ view, tally }: MeteredTarget): LabelText {
  return withWord(tally.labels, 'probe', view.config.probe.type);
}

/** One series for each target for which `valueOf` gives a value. */
export function eachTarget(
  targets: readonly MeteredTarget[],
  valueOf: (view: TargetView) => number | null,
): Point[] {
  return targets.flatMap(({ view, tally: { labels } }) => {
    const value = valueOf(view);
    return value === null ? [] : [{ labels, value }];
  });
}
