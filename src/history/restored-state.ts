import type { Policy } from '../verdict/policy.ts';
import { freshMemory, initialVerdict, type Verdict } from '../verdict/state.ts';
import { step } from '../verdict/step.ts';
import type { Recalled } from '../monitor/worker/worker-deps.ts';

/** The state of a target that begins to be watched, with what an earlier monitor knew of it; `seed` is for a new one. */
export function stateFrom(
  recalled: Recalled | null,
  at: number,
  seed: number,
  policy: Policy,
): Verdict {
  const verdict = initialVerdict(at, recalled?.memory ?? freshMemory(seed), recalled?.carried);
  const until = recalled?.pausedUntil ?? at;
  return until > at ? step(verdict, { type: 'pause', at, until }, policy).verdict : verdict;
}
