import type { ExecutionResult, RestartOrder } from '../../action/restart-order.ts';
import { messageOf } from '../../errors.ts';
import type { TargetView } from '../../report/view.ts';
import type { Observation } from '../../target/observation.ts';
import { instanceLabel } from '../../text/instance-label.ts';
import type { Event, RestartEvidence } from '../../verdict/event.ts';
import type { Verdict } from '../../verdict/verdict.ts';
import type { UptimeTracker } from '../../uptime/tracker.ts';
import type { WorkerDeps } from './worker-deps.ts';

/** How long a restart in flight holds up the end of the monitor; below its `kill_timeout` (5 s). */
const ACTING_MS = 3_000;

type Acted = Extract<Event, { type: 'acted' }>;
type RestartsDeps = Pick<WorkerDeps, 'clock' | 'slot' | 'execute' | 'emit'>;

/** Has the restarts of one target carried out, counts them, and reports what came of each. */
export class Restarts {
  readonly #deps: RestartsDeps;
  readonly #uptime: UptimeTracker;
  readonly #onActed: (event: Acted) => void;
  #total = 0;
  #acting: Promise<void> | null = null;

  /** `uptime` counts them too; `onActed` hears what came of each. */
  constructor(deps: RestartsDeps, uptime: UptimeTracker, onActed: (event: Acted) => void) {
    this.#deps = deps;
    this.#uptime = uptime;
    this.#onActed = onActed;
  }

  /** Restarts that were carried out since the monitor began. */
  get total(): number {
    return this.#total;
  }

  /** Issues an order for an app; `view` is of its target at any moment. */
  issue(order: RestartOrder, app: Observation, view: () => TargetView): void {
    this.#acting = this.#issue(order, app, view);
  }

  /** Resolves when the restart in flight is over, or has held up the end of the monitor for too long. */
  async settle(): Promise<void> {
    await Promise.race([this.#acting, this.#deps.clock.sleep(ACTING_MS)]);
  }

  async #issue(order: RestartOrder, app: Observation, view: () => TargetView): Promise<void> {
    const { clock, emit } = this.#deps;
    // Counted as the budget is: when it is issued, so that no new incarnation is seen before its restart.
    this.#total += 1;
    const execution = await issueInSlot(order, app, clock.now(), this.#deps);
    const { result, detail } = execution;
    if (result === 'skipped' || result === 'cleared' || result === 'stuck') {
      this.#total -= 1;
      this.#uptime.refundRestart();
    }
    const isKnown = view().verdict.skipped?.reason === detail;
    const isRepeated = isKnown && (result === 'skipped' || result === 'stuck');
    emit({ type: 'executed', view: view(), order, execution, isRepeated });
    this.#onActed({ type: 'acted', at: clock.now(), result, detail });
  }
}

const NOBODY: readonly string[] = [];

type Shared = Pick<WorkerDeps, 'slot' | 'heldUntil'>;

/** Nothing in the way: a good answer leads to no restart. */
export const NO_GATES: Required<RestartEvidence> = {
  slotFreeAt: Number.NEGATIVE_INFINITY,
  heldUntil: Number.NEGATIVE_INFINITY,
};

/** What other apps put in the way of a restart of a target in this state. */
export function gatesFor(verdict: Verdict, { slot, heldUntil }: Shared): Required<RestartEvidence> {
  return { slotFreeAt: slot.freeAt(), heldUntil: heldUntil(verdict) };
}

/** The apps for whose restarts a target waits; only one in `backoff` waits for others. */
export function waitsForOf(
  { state, pending }: Verdict,
  { slot }: Shared,
  now: number,
): readonly string[] {
  return state.name === 'backoff' && pending === null ? slot.holdersAt(now) : NOBODY;
}

/**
 * Executes an order while it holds the shared restart slot, and gives what came of it. It should never
 * throw; but a restart without a result would be the last one of the app.
 */
async function issueInSlot(
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
