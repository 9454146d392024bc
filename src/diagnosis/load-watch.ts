import type { OsReader, ProcessFacts } from '../os/os-reader.ts';
import type { Observation } from '../target/observation.ts';
import type { Clock } from '../time/clock.ts';
import type { Load } from '../verdict/event.ts';
import { loadOf, type Tree } from './cpu-load.ts';
import { treesOfApp } from './find-port-holder.ts';

/** CPU time has steps of 10 ms: looks less than this apart show little. */
const LOOK_APART_MS = 250;

/** A look older than this shows nothing about the present. */
const LOOK_STALE_MS = 30_000;

/** An app's processes at one moment; `at` is monotonic milliseconds. */
export interface ProcessLook {
  readonly at: number;
  readonly trees: readonly Tree[];
}

/** Compares looks at the processes of one target. */
export class LoadWatch {
  readonly #deps: { readonly reader: OsReader; readonly clock: Clock };
  #look: ProcessLook | null = null;

  constructor(deps: { readonly reader: OsReader; readonly clock: Clock }) {
    this.#deps = deps;
  }

  /**
   * Whether an app that does not answer uses much CPU, by `look` and the one before. Where this answer already
   * decides, it waits for a second look. `holderPid` is the process that listens, null where not known.
   */
  async measure(
    app: Observation,
    look: ProcessLook,
    { isDecisive, holderPid }: { readonly isDecisive: boolean; readonly holderPid: number | null },
  ): Promise<Load> {
    const { clock } = this.#deps;
    const earlier = this.#look;
    // A shared look may be the last one again.
    const isOld = earlier !== null && look.at - earlier.at < LOOK_APART_MS;
    const later = isOld ? await this.#newLook(app) : await this.#withWaits(look);
    this.#look = later;
    if (earlier !== null && later.at - earlier.at <= LOOK_STALE_MS)
      return loadBetween(earlier, later, holderPid);
    // The next bad answer brings the second look, except where this answer already decides.
    if (!isDecisive) return 'unknown';
    await clock.sleep(LOOK_APART_MS);
    this.#look = await this.#newLook(app);
    return loadBetween(later, this.#look, holderPid);
  }

  /** A look that is taken now. */
  async #newLook(app: Observation): Promise<ProcessLook> {
    const { reader, clock } = this.#deps;
    const at = clock.now();
    return this.#withWaits({ at, trees: await treesOfApp(app, reader) });
  }

  /** Adds how long the threads of these processes have waited for a processor, where the system says so. */
  async #withWaits({ at, trees }: ProcessLook): Promise<ProcessLook> {
    const pids = trees.flat().map(({ pid }) => pid);
    const waited = await this.#deps.reader.waited?.(pids);
    if (waited === undefined) return { at, trees };
    const withWait = (process: ProcessFacts): ProcessFacts => {
      const waitedMs = waited.get(process.pid);
      return waitedMs === undefined ? process : { ...process, waitedMs };
    };
    return { at, trees: trees.map((tree) => tree.map(withWait)) };
  }
}

function loadBetween(earlier: ProcessLook, later: ProcessLook, holderPid: number | null): Load {
  return loadOf(earlier.trees, later.trees, later.at - earlier.at, holderPid);
}
