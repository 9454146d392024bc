import { isBlind } from '../verdict/state.ts';
import type { Verdict } from '../verdict/verdict.ts';
import { heldBy } from './sentence.ts';
import type { DependencyStatus, SlowAnswers, TargetView } from './view.ts';

/** What the status document says of a target beside its state; each is absent where there is nothing. */
export interface TargetNotes {
  /** Why nothing is known about it now: the `monitor` cannot judge, or the `check` itself gives no result. */
  readonly unknown?: { readonly cause: 'monitor' | 'check'; readonly detail: string };
  /** A note about who answers: that it is not known, or who has another address. */
  readonly portNote?: string;
  /** What it does while it does not answer: a sentence, then its stack, without secrets. */
  readonly diagnosis?: readonly string[];
  /** That it still runs an earlier release, and what to do about it. */
  readonly releaseNote?: string;
  /** What works on its files and holds restarts, and until when at most; null is for as long as it lasts. */
  readonly deploy?: {
    readonly reason: string;
    readonly since: string;
    readonly until: string | null;
  };
  /** What of its `dependsOn` is down, while the app is not well and held for it. */
  readonly heldBy?: string;
  /** Its answers of the last minute, where they are slow; times in milliseconds. */
  readonly slow?: SlowAnswers;
  /** When its server's certificate expires (ISO 8601), where that is soon or past. */
  readonly certificate?: { readonly expires: string };
  /** How each of its dependencies is. */
  readonly dependsOn?: readonly DependencyStatus[];
}

/** Takes the notes from what is known of a target; `iso` writes its monotonic times for people. */
export function notesOf(view: TargetView, iso: (at: number) => string): TargetNotes {
  const { verdict, portNote, diagnosis, releaseNote, slow, certificate, dependsOn } = view;
  const hold = heldBy(verdict);
  return {
    ...unknownOf(verdict),
    ...(portNote && { portNote }),
    ...(diagnosis && { diagnosis }),
    ...(releaseNote && { releaseNote }),
    ...deployOf(verdict, iso),
    ...(hold && { heldBy: hold.reason }),
    ...(slow && { slow }),
    ...(certificate && {
      certificate: { expires: new Date(certificate.notAfter).toISOString() },
    }),
    ...(dependsOn && { dependsOn: dependsOn() }),
  };
}

function unknownOf({ state }: Verdict): Pick<TargetNotes, 'unknown'> {
  if (state.name !== 'unknown') return {};
  const unknown = isBlind(state)
    ? ({ cause: 'check', detail: state.blind } as const)
    : ({ cause: 'monitor', detail: state.unfit } as const);
  return { unknown };
}

function deployOf(
  { deployHold, at }: Verdict,
  iso: (at: number) => string,
): Pick<TargetNotes, 'deploy'> {
  if (deployHold === null || at >= deployHold.until) return {};
  const { reason, since, until } = deployHold;
  const end = Number.isFinite(until) ? iso(until) : null;
  return { deploy: { reason, since: iso(since), until: end } };
}
