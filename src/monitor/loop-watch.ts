import type { LoopDelayFigures } from '../report/loop-delay.ts';
import type { TargetView } from '../report/view.ts';
import type { Clock } from '../time/clock.ts';

/** How often the agents are asked; what they say is of the last minute. */
const ROUND_MS = 10_000;

/** What of a target is used here. */
type Target = Pick<TargetView, 'name' | 'instance' | 'instances' | 'pid'>;

/** What the watch uses. */
export interface LoopWatchDeps {
  readonly clock: Clock;
  /** The watched targets; none while another monitor leads. */
  readonly targets: () => readonly Target[];
  /** The pids that PM2 has for an app. */
  readonly pidsOf: (name: string) => readonly number[];
  /** Asks the agents in these processes; those that have none are left out. Bounded in time. */
  readonly ask: (pids: readonly number[]) => Promise<ReadonlyMap<number, LoopDelayFigures>>;
  /** Called when an agent has answered for the first time. */
  readonly onFirst: () => void;
}

/** How late the event loops of apps with the agent are. No probe and no restart waits for it. */
export class LoopWatch {
  readonly #deps: LoopWatchDeps;
  /** By the target's name and instance. */
  #delays: ReadonlyMap<string, LoopDelayFigures> = new Map();
  #hasAnswered = false;

  constructor(deps: LoopWatchDeps) {
    this.#deps = deps;
  }

  /** Asks every ten seconds; resolves after the signal. */
  async watch(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#deps.clock.sleep(ROUND_MS, signal);
      if (!signal.aborted) await this.look();
    }
  }

  /** The delay of a target, in cluster mode of its latest process; null where no agent has answered. */
  delayOf(target: Pick<Target, 'name' | 'instance'>): LoopDelayFigures | null {
    return this.#delays.get(keyOf(target)) ?? null;
  }

  /** The target whose event loop is the latest; null where no agent has answered. */
  worst(): (LoopDelayFigures & Pick<Target, 'name' | 'instance'>) | null {
    let worst: ReturnType<LoopWatch['worst']> = null;
    for (const { name, instance } of this.#deps.targets()) {
      const delay = this.delayOf({ name, instance });
      if (delay !== null && delay.p99Ms > (worst?.p99Ms ?? -1))
        worst = { name, instance, ...delay };
    }
    return worst;
  }

  /** Asks now. Never rejects. */
  async look(): Promise<void> {
    const { targets, ask, onFirst } = this.#deps;
    try {
      const processes = targets().map((target) => ({ target, pids: this.#pidsOf(target) }));
      const answers = await ask(processes.flatMap(({ pids }) => pids).filter((pid) => pid > 0));
      const delays = new Map<string, LoopDelayFigures>();
      for (const { target, pids } of processes) {
        const latest = latestOf(pids.flatMap((pid) => answers.get(pid) ?? []));
        if (latest !== null) delays.set(keyOf(target), latest);
      }
      this.#delays = delays;
    } catch {
      // What was known is too old.
      this.#delays = new Map();
    }
    if (this.#hasAnswered || this.#delays.size === 0) return;
    this.#hasAnswered = true;
    onFirst();
  }

  #pidsOf({ name, pid, instances }: Target): readonly number[] {
    return instances === undefined ? [pid] : this.#deps.pidsOf(name);
  }
}

function latestOf(delays: readonly LoopDelayFigures[]): LoopDelayFigures | null {
  return delays.toSorted((one, other) => other.p99Ms - one.p99Ms)[0] ?? null;
}

function keyOf({ name, instance }: Pick<Target, 'name' | 'instance'>): string {
  return `${instance} ${name}`;
}
