import type { ExecutionResult, RestartOrder } from '../../action/restart-order.ts';
import { messageOf } from '../../errors.ts';
import type { RestoredState } from '../../history/restored-state.ts';
import type { TargetView } from '../../report/view.ts';
import type { OrphanToEnd } from '../../diagnosis/orphans.ts';
import type { CannotEnd } from '../../diagnosis/stopped-app.ts';
import type { Observation } from '../../target/observation.ts';
import { instanceLabel } from '../../text/instance-label.ts';
import type { Decision } from '../../verdict/decision.ts';
import type { Event, RestartEvidence } from '../../verdict/event.ts';
import { isDraining } from '../../verdict/drain.ts';
import type { Verdict } from '../../verdict/verdict.ts';
import type { ObservedRestart } from '../../target/restarts/observed-restart.ts';
import type { RestartList } from '../../target/restarts/restart-list.ts';
import { RestartHistory } from './restart-history.ts';
import type { UptimeTracker } from '../../uptime/tracker.ts';
import { orderOf } from './order.ts';
import type { WorkerDeps } from './worker-deps.ts';

/** How long a restart in flight holds up the end of the monitor; below its `kill_timeout` (5 s). */
const ACTING_MS = 3_000;

/** What a restart may stop first, and the processes of the app that cannot run a shutdown of their own. */
export interface Found extends CannotEnd {
  readonly orphan: OrphanToEnd;
}

type Heard = Extract<Event, { type: 'acted' | 'restarted' }>;
type RestartDecision = Extract<Decision, { type: 'restart' }>;
type RestartsDeps = Pick<WorkerDeps, 'clock' | 'slot' | 'execute' | 'emit'>;

/** Has the restarts of one target carried out, counts and reports them; knows all others under PM2 too. */
export class Restarts {
  readonly #deps: RestartsDeps;
  readonly #uptime: UptimeTracker;
  readonly #onEvent: (event: Heard) => void;
  readonly #history: RestartHistory;
  readonly #view: () => TargetView;
  #hasBegun = false;
  #total = 0;
  #acting: Promise<void> | null = null;

  /** `uptime` counts them too, `onEvent` hears of each, and `restored` is what an earlier monitor knew of them. */
  constructor(
    deps: RestartsDeps,
    uptime: UptimeTracker,
    target: { readonly view: () => TargetView },
    onEvent: (event: Heard) => void,
    restored: Pick<RestoredState, 'pm2Restarts'> | null,
  ) {
    this.#view = () => target.view();
    this.#history = new RestartHistory(restored?.pm2Restarts);
    this.#deps = deps;
    this.#uptime = uptime;
    this.#onEvent = onEvent;
  }

  /** Restarts that were carried out since the monitor began. */
  get total(): number {
    return this.#total;
  }

  /** All that is known of restarts under PM2. */
  get known(): RestartList {
    return this.#history.list;
  }

  /** Takes over which incarnations PM2 shows; at first also the restarts that nobody heard of before. */
  see(app: Observation): void {
    const unseen = this.#hasBegun ? [] : this.#history.findUnseen(app);
    this.#hasBegun = true;
    this.#history.markSeen(app);
    for (const restart of unseen) this.note(restart);
  }

  /** PM2 began a new incarnation; the verdict hears of it without any secret. */
  note(restart: ObservedRestart): void {
    const { secrets } = this.#view().config;
    this.#onEvent(this.#history.note(restart, secrets, this.#deps.clock.now()));
  }

  /** What was kept was read late. */
  restore(kept: RestartList): void {
    this.#history.restore(kept);
  }

  /** Carries out a decision for an app; `found` is what was found beside its answers. */
  issue(decision: RestartDecision, app: Observation, { orphan, ...cannotEnd }: Found): void {
    this.#history.order(decision.failure);
    this.#acting = this.#issue(orderOf(app, decision, orphan, cannotEnd), app);
  }

  /** Takes over a new verdict: while its app drains, no other begins to. */
  follow({ state }: Verdict): void {
    if (isDraining(state)) this.#deps.slot.drain(state.until);
  }

  /** Resolves when the restart in flight is over, or has held up the end of the monitor for too long. */
  async settle(): Promise<void> {
    await Promise.race([this.#acting, this.#deps.clock.sleep(ACTING_MS)]);
  }

  async #issue(order: RestartOrder, app: Observation): Promise<void> {
    const view = this.#view;
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
    this.#onEvent({ type: 'acted', at: clock.now(), result, detail });
  }
}

const NOBODY: readonly string[] = [];

/** What other apps put in the way of a restart; monotonic milliseconds. */
export type Gates = Required<Omit<RestartEvidence, 'deploy'>>;

/** Nothing in the way: a good answer leads to no restart. */
export const NO_GATES: Gates = {
  slotFreeAt: Number.NEGATIVE_INFINITY,
  drainFreeAt: Number.NEGATIVE_INFINITY,
  heldUntil: Number.NEGATIVE_INFINITY,
};

/** What other apps put in the way of a restart of a target in this state; `isStopped`: its process is proven to be. */
export function gatesFor(
  verdict: Verdict,
  { slot, heldUntil }: Pick<WorkerDeps, 'slot' | 'heldUntil'>,
  isStopped = false,
): Gates {
  const slotFreeAt = isStopped ? slot.freeForProven() : slot.freeAt();
  return { slotFreeAt, drainFreeAt: slot.drainFreeAt(), heldUntil: heldUntil(verdict) };
}

/** The apps for whose restarts a target waits; only one in `backoff` waits for others. */
export function waitsForOf(
  { state, pending }: Verdict,
  { slot }: Pick<WorkerDeps, 'slot'>,
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
