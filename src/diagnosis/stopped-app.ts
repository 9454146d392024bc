import type { OsReader, ProcessIdentity } from '../os/os-reader.ts';
import type { BusyProcess } from '../os/busy-process.ts';
import { SHARED_MS } from '../os/shared-reader.ts';
import { treeOf } from '../os/tree.ts';
import type { Observation } from '../target/observation.ts';
import type { Clock } from '../time/clock.ts';
import { BusyWatch } from './busy-watch.ts';
import { StopWatch } from './stop-watch.ts';

/** With fewer apps than this there is no "all at once", as for the hold of a mass failure. */
const FEWEST_APPS = 3;

/** The processes of an app that cannot run a shutdown of their own, by the last looks; null where none is known. */
export interface CannotEnd {
  readonly stopped: ProcessIdentity | null;
  readonly busy: BusyProcess | null;
}

/** The process that listens for an app, and its TCP port; null where not known. */
export interface KnownHolder {
  readonly pid: number | null;
  readonly port: number | null;
}

/** What a look at the process behind a silent port shows. `maybe`: it is stopped, and not yet for long enough. */
export type StopFinding = 'no' | 'maybe' | ProcessIdentity;

/**
 * Whether a signal has stopped the process that listens for an app (state T), so that it cannot answer and does
 * not go on by itself (DESIGN §12). Nothing is concluded where the holder of the port is not known to be a
 * process of the app, nor where most apps are stopped at the same time: somebody does that to the machine.
 */
export class StoppedApp {
  readonly #deps: { readonly reader: OsReader; readonly clock: Clock };
  readonly #watch = new StopWatch();
  readonly #busy = new BusyWatch();

  constructor(deps: { readonly reader: OsReader; readonly clock: Clock }) {
    this.#deps = deps;
  }

  /** What the last looks prove. */
  get cannotEnd(): CannotEnd {
    return { stopped: this.#watch.proven, busy: this.#busy.proven };
  }

  /** Looks now; `holder` listens for the app, and `appPids` are the processes of all watched apps. */
  async look(
    app: Observation,
    { pid: holderPid, port }: KnownHolder,
    appPids: () => readonly number[],
  ): Promise<StopFinding> {
    const { reader, clock } = this.#deps;
    // In cluster mode others answer at the same port.
    if (reader.stopped === undefined || holderPid === null || app.members !== undefined)
      return 'no';
    const at = clock.now();
    const look = await reader.stopped(holderPid);
    this.#watch.note(holderPid, look, at);
    if (look === null && port !== null && reader.busyThread !== undefined)
      this.#busy.note(holderPid, port, await reader.busyThread(holderPid, port), at);
    const { proven } = this.#watch;
    if (proven === null) return look === null ? 'no' : 'maybe';
    return (await this.#isAlone(app, proven, appPids())) ? proven : 'no';
  }

  /** True where it is a process of this app, and most other apps run. */
  async #isAlone(
    { pid }: Observation,
    stopped: ProcessIdentity,
    appPids: readonly number[],
  ): Promise<boolean> {
    const table = await this.#deps.reader.processes([], SHARED_MS);
    if (table === null || pid === 0) return false;
    const isOwn = treeOf(table, pid).some(
      (each) => each.pid === stopped.pid && each.birth === stopped.birth,
    );
    if (!isOwn) return false;
    const all = appPids.length;
    if (all < FEWEST_APPS) return true;
    const isStopped = (appPid: number): boolean =>
      treeOf(table, appPid).some(({ state }) => state === 'stopped');
    return appPids.filter(isStopped).length * 2 < all;
  }
}
