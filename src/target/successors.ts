import type { Target } from './grouping.ts';

/** New targets that may continue old ones. Found by pm_id, because a thousand may change at once. */
export class Successors {
  readonly #byPmId = new Map<number, Target>();

  constructor(targets: readonly Target[]) {
    for (const target of targets) {
      for (const { pmId } of target.processes) this.#byPmId.set(pmId, target);
    }
  }

  /**
   * The new target that has a process of the old target `name`, or null. Each new target is given out once.
   */
  take(name: string, pmIds: readonly number[]): Target | null {
    for (const pmId of pmIds) {
      const successor = this.#byPmId.get(pmId);
      if (successor === undefined || successor.name !== name) continue;
      for (const process of successor.processes) this.#byPmId.delete(process.pmId);
      return successor;
    }
    return null;
  }
}
