import { fromKept, toKept, type AppMemory, type KeptApp } from './app-memory.ts';
import { MOST_APPS, type StateDocument } from './document.ts';
import type { Instant } from './memory-time.ts';
import { mergeMemory, type OperatorCommand } from './merge-memory.ts';

interface Remembered {
  readonly memory: AppMemory;
  /** Epoch milliseconds. */
  readonly seenAt: number;
}

const DAY_MS = 86_400_000;

/** Apps not seen for this long are forgotten. */
const FORGOTTEN_MS = 30 * DAY_MS;

/** No budget window is longer: older restarts do not count. */
const LONGEST_WINDOW_MS = 7 * DAY_MS;

/** The memory of each app, by `appKey`; apps not seen for the longest time come first. */
export class AppTable {
  readonly #apps = new Map<string, Remembered>();
  /** The operator's commands of before the document was read; they outweigh the document. */
  readonly #commands = new Map<string, Set<OperatorCommand>>();

  get size(): number {
    return this.#apps.size;
  }

  get(key: string): AppMemory | null {
    return this.#apps.get(key)?.memory ?? null;
  }

  set(key: string, memory: AppMemory, seenAt: number): void {
    this.#apps.delete(key);
    this.#apps.set(key, { memory, seenAt });
  }

  noteCommand(key: string, command: OperatorCommand): void {
    const commands = this.#commands.get(key) ?? new Set();
    this.#commands.set(key, commands.add(command));
  }

  /**
   * Notes that these apps are there now. True where this must be written, because the last time was a day
   * ago.
   */
  markSeen(keys: Iterable<string>, seenAt: number): boolean {
    let isDue = false;
    for (const key of keys) {
      const known = this.#apps.get(key);
      if (!known) continue;
      // Otherwise, after a month without a change, the file itself would seem a month old.
      if (seenAt - known.seenAt > DAY_MS) isDue = true;
      this.set(key, known.memory, seenAt);
    }
    return isDue;
  }

  /**
   * Takes over a document. For an app that is already known, or that runs, both memories are merged, because
   * the document was read late.
   */
  takeOver(
    { apps, savedAt }: StateDocument,
    at: Instant,
    running: ReadonlyMap<string, AppMemory>,
  ): void {
    const bySight = Object.entries(apps).sort(([, a], [, b]) => a.seenAt - b.seenAt);
    for (const [key, app] of bySight) {
      const kept = fromKept(app, savedAt, at);
      const since = running.get(key) ?? this.get(key);
      const commands = this.#commands.get(key) ?? new Set();
      // A time in the future: the clock was changed, and the thirty days start again.
      if (since === null) this.set(key, kept, Math.min(app.seenAt, at.wall));
      else this.set(key, mergeMemory(kept, since, commands, at.now), at.wall);
    }
    this.#commands.clear();
  }

  /** What is written to disk; apps that are gone for long are forgotten. */
  toKept(at: Instant): Record<string, KeptApp> {
    this.#forget(at);
    const apps: Record<string, KeptApp> = {};
    for (const [key, { memory, seenAt }] of this.#apps) apps[key] = toKept(memory, seenAt, at);
    return apps;
  }

  /**
   * Forgets apps that are gone for long; and where there are too many, those not seen for the longest time.
   */
  #forget(at: Instant): void {
    for (const [key, { memory, seenAt }] of this.#apps) {
      const isTooMany = this.#apps.size > MOST_APPS;
      // A wall clock that was set forward by a month must not give the budget a second time.
      const last = memory.memory.budget.at(-1) ?? Number.NEGATIVE_INFINITY;
      const isSpent = at.now - last < LONGEST_WINDOW_MS;
      if (isTooMany || (at.wall - seenAt > FORGOTTEN_MS && !isSpent)) this.#apps.delete(key);
    }
  }
}
