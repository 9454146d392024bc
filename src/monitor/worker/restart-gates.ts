import type { RestartOrder, ExecutionResult } from '../../action/restart-order.ts';
import { messageOf } from '../../errors.ts';
import type { TargetView } from '../../report/view.ts';
import type { RestartEvidence } from '../../verdict/event.ts';
import type { Verdict } from '../../verdict/verdict.ts';
import type { Observation } from '../../target/observation.ts';
import type { WorkerDeps } from './worker-deps.ts';

type Shared = Pick<WorkerDeps, 'slot' | 'heldUntil'>;

/** What stands in the way of a restart of a target in this state, for all that other apps do. */
export function gatesFor(verdict: Verdict, { slot, heldUntil }: Shared): RestartEvidence {
  return { slotFreeAt: slot.freeAt(), heldUntil: heldUntil(verdict) };
}

/** Whose restarts a target waits for; only one that is held back waits for others. */
export function waitsForOf(
  { state, pending }: Verdict,
  { slot }: Shared,
  now: number,
): Pick<TargetView, 'waitsFor'> | undefined {
  if (state.name !== 'backoff' || pending !== null) return undefined;
  const waitsFor = slot.holdersAt(now);
  return waitsFor.length > 0 ? { waitsFor } : undefined;
}

/** The app as a person calls it, its instance too where it has several. */
export function shownName({ name, instance }: Observation): string {
  return instance === 0 ? name : `${name} ${instance}`;
}

/**
 * Issues the order of an app in the slot of all, and gives how it ended. Unheard of that it throws, but
 * one whose end is never told would be the app's last.
 */
export async function issued(
  order: RestartOrder,
  shown: string,
  now: number,
  { slot, execute }: Pick<WorkerDeps, 'slot' | 'execute'>,
): Promise<ExecutionResult> {
  const flight = slot.take(shown, now);
  return execute(order)
    .catch((error: unknown): ExecutionResult => ({ result: 'failed', detail: messageOf(error) }))
    .finally(() => slot.release(flight));
}
