import type { Target } from './grouping.ts';

/** New targets that may be old ones asked elsewhere: looked up, for a thousand may have changed at once. */
export class Heirs {
  readonly #byPmId = new Map<number, Target>();

  constructor(targets: readonly Target[]) {
    for (const target of targets) {
      for (const { pmId } of target.processes) this.#byPmId.set(pmId, target);
    }
  }

  /** The target that has a process of an old one of that name; it is nobody else's heir then. */
  take(name: string, pmIds: readonly number[]): Target | null {
    for (const pmId of pmIds) {
      const heir = this.#byPmId.get(pmId);
      if (heir === undefined || heir.name !== name) continue;
      for (const process of heir.processes) this.#byPmId.delete(process.pmId);
      return heir;
    }
    return null;
  }
}
