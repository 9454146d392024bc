import type { Policy } from '../verdict/policy.ts';
import {
  freshMemory,
  initialVerdict,
  type Memory,
  type RestoredFacts,
  type Verdict,
} from '../verdict/verdict.ts';
import { step } from '../verdict/step.ts';
import type { RestartList } from '../target/restarts/restart-list.ts';
import type { Uptime } from '../uptime/figures.ts';

/** What outlives the monitor for one target; times are monotonic milliseconds. */
export interface RestoredState extends RestoredFacts {
  readonly memory: Memory;
  /** Until when the operator has paused the app; Infinity: until `resume`; null: no pause. */
  readonly pausedUntil: number | null;
  readonly uptime: Uptime | null;
  /** A mark of the probe that the app last answered well; null or absent where it never did. */
  readonly provenBlock?: string | null;
  readonly pm2Restarts: RestartList;
  /** What was reported of its certificate; null or absent where nothing was. */
  readonly certificateReported?: string | null;
}

/** The first state of a target, with what an earlier monitor knew of it; `random` gives [0, 1), for the jitter of a new one. */
export function restoreState(
  restored: RestoredState | null,
  at: number,
  random: () => number,
  policy: Policy,
): Verdict {
  const seed = Math.floor(random() * 2 ** 32);
  const verdict = initialVerdict(at, restored?.memory ?? freshMemory(seed), restored ?? undefined);
  const until = restored?.pausedUntil ?? at;
  return until > at ? step(verdict, { type: 'pause', at, until }, policy).verdict : verdict;
}
