import type { RestartOrder, ExecutionResult } from '../../action/restart-order.ts';
import { messageOf } from '../../errors.ts';
import type { TargetView } from '../../report/view.ts';
import type { RestartEvidence } from '../../verdict/event.ts';
import type { Verdict } from '../../verdict/verdict.ts';
import type { WorkerDeps } from './worker-deps.ts';
import type { Observation } from '../../target/observation.ts';
import { instanceLabel } from '../../text/instance-label.ts';

type Shared = Pick<WorkerDeps, 'slot' | 'heldUntil'>;

/** What other apps mean for a restart of a target in this state. */
export function gatesFor(verdict: Verdict, { slot, heldUntil }: Shared): RestartEvidence {
  return { slotFreeAt: slot.freeAt(), heldUntil: heldUntil(verdict) };
}

/** The apps whose restarts a target waits for; only a target in `backoff` waits for others. */
export function waitsForOf(
  { state, pending }: Verdict,
  { slot }: Shared,
  now: number,
): Pick<TargetView, 'waitsFor'> | undefined {
  if (state.name !== 'backoff' || pending !== null) return undefined;
  const waitsFor = slot.holdersAt(now);
  return waitsFor.length > 0 ? { waitsFor } : undefined;
}

/**
 * Executes an order while it holds the shared restart slot, and returns the result. `execute` should
 * never throw, but without a result the app would never be restarted again, so an error becomes a result.
 */
export async function issueInSlot(
  order: RestartOrder,
  { name, instance }: Observation,
  now: number,
  { slot, execute }: Pick<WorkerDeps, 'slot' | 'execute'>,
): Promise<ExecutionResult> {
  const flight = slot.take(instanceLabel(name, instance), now);
  return execute(order)
    .catch((error: unknown): ExecutionResult => ({ result: 'failed', detail: messageOf(error) }))
    .finally(() => slot.release(flight));
}
