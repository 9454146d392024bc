import { isDeepStrictEqual } from 'node:util';
import type { Log } from '../report/log.ts';
import type { TargetView } from '../report/view.ts';
import type { MonitorEvent } from '../report/worker-events.ts';
import { appKey, appKeyOf, type AppMemory } from '../store/app-memory.ts';
import type { Event } from '../verdict/event.ts';
import type { Verdict } from '../verdict/verdict.ts';
import type { IncidentCause } from '../verdict/incident/incident.ts';
import type { OperatorCommand } from '../store/merge-memory.ts';
import { NO_RESTARTS, runOf, type RestartList } from '../target/restarts/restart-list.ts';
import { Store, type Keeping, type LateRead, type StoreDeps } from '../store/store.ts';
import type { RestoredState } from './restored-state.ts';

export type { OperatorCommand };

/**
 * How often it is saved that the apps are watched. After a power cut the time since the last save counts as
 * not observed.
 */
const SEEN_MS = 60_000;

/** How often to check that the file is still there, unchanged. */
const LOOK_MS = 1_000;

/** The store's folder and disk, and the watched targets. */
interface StateRecorderDeps extends Omit<StoreDeps, 'tell' | 'running' | 'onLateRead'> {
  readonly log: Log;
  /** The present views of the watched targets. */
  readonly views: () => readonly TargetView[];
  /** Called when a disk that hung has given the saved state: each worker takes over its part; null: none. */
  readonly onLateRead?: (
    restoredOf: (name: string, instance: number) => RestoredState | null,
  ) => void;
}

/** Saves the memory of the verdicts in the store, and restores it. A failure of the disk never stops it. */
export class StateRecorder {
  readonly #store: Store;
  readonly #deps: StateRecorderDeps;
  readonly #stopping = new AbortController();
  #warning: string | null;

  private constructor(store: Store, warning: string | null, deps: StateRecorderDeps) {
    this.#store = store;
    this.#deps = deps;
    this.#warning = warning;
  }

  /** Opens the store; only for the holder of the lock. Never rejects. */
  static async open(deps: StateRecorderDeps): Promise<StateRecorder> {
    const tell = (keeping: Keeping): void => tellKeeping(deps.log, keeping);
    let recorder: StateRecorder | null = null;
    const running = (): ReadonlyMap<string, AppMemory> =>
      new Map(deps.views().map((view) => [appKeyOf(view), memoryOf(view)]));
    const onLateRead = (read: LateRead): void =>
      recorder ? recorder.#restoreLate(read) : undefined;
    const { store, warning } = await Store.open({ ...deps, tell, running, onLateRead });
    if (warning !== null) deps.log.line('warn', warning);
    recorder = new StateRecorder(store, warning, deps);
    void recorder.#watch();
    return recorder;
  }

  /** What was wrong with the saved state; null where nothing was. */
  get warning(): string | null {
    return this.#warning;
  }

  /** What an earlier monitor knew about an app; null for a new app. */
  restore(name: string, instance: number): RestoredState | null {
    const key = appKey(name, instance);
    this.#store.markSeen([key]);
    const kept = this.#store.get(key);
    if (kept === null) return null;
    const { memory, openUntil, pausedUntil, uptime, incident, answered } = kept;
    const { provenBlock, certificateReported } = kept;
    // The same holds for the causes of restarts.
    const pm2Restarts = (kept.pm2Restarts ?? NO_RESTARTS) as RestartList;
    return {
      memory: { ...memory, openUntil },
      pausedUntil,
      // as: only causes of the verdict are written; a file with another one still has an incident.
      incident: incident && { ...incident, cause: incident.cause as IncidentCause },
      answered,
      uptime,
      provenBlock,
      pm2Restarts,
      restartRun: runOf(pm2Restarts, this.#deps.clock),
      certificateReported,
    };
  }

  /** Takes over an event of the monitor or a worker. */
  onEvent(event: MonitorEvent): void {
    if (event.type === 'memory') this.remember(event.view);
  }

  /**
   * Saves the memory of a target, and the command that changed it. It is on disk a second later, or after
   * `save`.
   */
  remember(view: TargetView, command: OperatorCommand | null = null): void {
    const key = appKeyOf(view);
    if (command !== null) this.#store.noteCommand(key, command);
    const memory = memoryOf(view);
    // Most changes of state change nothing that is saved, and a write costs a sync of the disk.
    if (!isDeepStrictEqual(this.#store.get(key), memory)) this.#store.put(key, memory);
  }

  /**
   * Resolves to true when all is on disk, to false where that failed, after two seconds at most. Never
   * rejects.
   */
  save(): Promise<boolean> {
    return this.#store.saveNow();
  }

  /** Whether the state can be saved, and why not. */
  history(): { isKept: boolean; why: string | null } {
    const { isKeeping, reason } = this.#store.keeping();
    return { isKept: isKeeping, why: reason };
  }

  /** Writes what is left, and closes. Never rejects. */
  async close(): Promise<void> {
    this.#stopping.abort();
    await this.#store.close();
  }

  /** Closes without another write: another monitor has the file now. */
  async abandon(): Promise<void> {
    this.#stopping.abort();
    await this.#store.abandon();
  }

  #restoreLate({ keys, warning }: LateRead): void {
    const { log, onLateRead } = this.#deps;
    this.#warning = warning;
    if (warning === null) log.line('info', 'the disk answers again: the saved state is used');
    else log.line('warn', warning);
    onLateRead?.((name, instance) =>
      keys.has(appKey(name, instance)) ? this.restore(name, instance) : null,
    );
  }

  async #watch(): Promise<void> {
    const { clock, views } = this.#deps;
    let seenAt = clock.now();
    while (!this.#stopping.signal.aborted) {
      await clock.sleep(LOOK_MS, this.#stopping.signal);
      if (this.#stopping.signal.aborted) return;
      void this.#store.restoreFile();
      if (clock.now() - seenAt < SEEN_MS) continue;
      seenAt = clock.now();
      this.#store.markSeen(views().map(appKeyOf));
      if (views().length > 0) this.#store.scheduleSave();
    }
  }
}

/** The command as the verdict hears it; a pause lasts for `ms`. */
export function commandEvent(command: OperatorCommand, at: number, ms: number): Event {
  return command === 'pause' ? { type: command, at, until: at + ms } : { type: command, at };
}

/** True where a step may have changed something that is saved. */
export function isWorthKeeping(before: Verdict, after: Verdict): boolean {
  const { memory, state, incident, restartRun } = before;
  const isSame = after.memory === memory && after.state.name === state.name;
  return !isSame || after.incident !== incident || after.restartRun !== restartRun;
}

function memoryOf({
  verdict,
  uptime,
  pm2Restarts,
  provenBlock = null,
  certificateReported = null,
}: TargetView): AppMemory {
  const { openUntil, ...memory } = verdict.memory;
  const { state } = verdict;
  const isPaused = state.name === 'paused' && state.cause === 'operator';
  return {
    memory,
    openUntil,
    pausedUntil: isPaused ? state.until : null,
    incident: verdict.incident,
    answered: verdict.process.hasAnswered ? verdict.process.incarnation : null,
    provenBlock,
    certificateReported,
    uptime,
    pm2Restarts: pm2Restarts ?? null,
  };
}

function tellKeeping(log: Log, { isKeeping, reason }: Keeping): void {
  if (isKeeping) return log.line('info', 'history is saved on disk again');
  log.line('warn', `history is not saved on disk; the apps are still watched: ${reason}`);
}
