import { isBlind } from '../verdict/state.ts';
import type { Verdict } from '../verdict/verdict.ts';
import type { TargetView } from './view.ts';

/** What the status says of a target only where there is something to say. */
export interface StatusNotes {
  /** Why nothing is known about it now: the `monitor` cannot judge, or the `check` itself gives no result. */
  readonly unknown?: { readonly cause: 'monitor' | 'check'; readonly detail: string };
  /** What a person should know about who answers: that it is not known, or who has another address. */
  readonly portNote?: string;
  /** That it still runs an earlier release, and what to do about it. */
  readonly releaseNote?: string;
  /** What works on its files and holds restarts, and until when at most; null is for as long as it lasts. */
  readonly deploy?: {
    readonly reason: string;
    readonly since: string;
    readonly until: string | null;
  };
}

/** The notes on a target at this moment. */
export function notesOn(
  { verdict, portNote, releaseNote }: TargetView,
  iso: (at: number) => string,
): StatusNotes {
  return {
    ...unknownOf(verdict),
    ...(portNote && { portNote }),
    ...(releaseNote && { releaseNote }),
    ...deployOf(verdict, iso),
  };
}

function unknownOf({ state }: Verdict): Pick<StatusNotes, 'unknown'> {
  if (state.name !== 'unknown') return {};
  const unknown = isBlind(state)
    ? ({ cause: 'check', detail: state.blind } as const)
    : ({ cause: 'monitor', detail: state.unfit } as const);
  return { unknown };
}

function deployOf(
  { deployHold, at }: Verdict,
  iso: (at: number) => string,
): Pick<StatusNotes, 'deploy'> {
  if (deployHold === null || at >= deployHold.until) return {};
  const { reason, since, until } = deployHold;
  const end = Number.isFinite(until) ? iso(until) : null;
  return { deploy: { reason, since: iso(since), until: end } };
}
