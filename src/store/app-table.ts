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

/** No window is longer: a restart this old counts for nothing. */
const LONGEST_WINDOW_MS = 7 * DAY_MS;

/** What is remembered of each app, by `appKey`; those not seen for longest come first. */
export class AppTable {
  readonly #apps = new Map<string, Remembered>();
  /** What the operator did before the document was read; it holds against what that says. */
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

  /** These apps are there now. True where that is to be written: the last time was a day ago. */
  markSeen(keys: Iterable<string>, seenAt: number): boolean {
    let isDue = false;
    for (const key of keys) {
      const known = this.#apps.get(key);
      if (!known) continue;
      // Else a month without a change, and the file itself would look a month old.
      if (seenAt - known.seenAt > DAY_MS) isDue = true;
      this.set(key, known.memory, seenAt);
    }
    return isDue;
  }

  /**
   * Takes over what a document says. Of an app that is known already, or that runs, both are merged:
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
      // Seen in the future: the clock was moved, and the thirty days start again.
      if (since === null) this.set(key, kept, Math.min(app.seenAt, at.wall));
      else this.set(key, mergeMemory(kept, since, commands, at.now), at.wall);
    }
    this.#commands.clear();
  }

  /** What goes to disk; what is long gone is forgotten. */
  toKept(at: Instant): Record<string, KeptApp> {
    this.#forget(at);
    const apps: Record<string, KeptApp> = {};
    for (const [key, { memory, seenAt }] of this.#apps) apps[key] = toKept(memory, seenAt, at);
    return apps;
  }

  /** Drops apps long gone, and of too many those not seen for longest. */
  #forget(at: Instant): void {
    for (const [key, { memory, seenAt }] of this.#apps) {
      const isTooMany = this.#apps.size > MOST_APPS;
      // A wall clock put forward by a month must not hand out the budget a second time.
      const last = memory.memory.budget.at(-1) ?? Number.NEGATIVE_INFINITY;
      const isSpent = at.now - last < LONGEST_WINDOW_MS;
      if (isTooMany || (at.wall - seenAt > FORGOTTEN_MS && !isSpent)) this.#apps.delete(key);
    }
  }
}
