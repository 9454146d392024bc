import type { OsReader } from '../../os/os-reader.ts';
import type { ManagedProcess } from '../../pm2/process.ts';

/** What shows whether a port is taken. */
export interface FreedPortDeps {
  readonly reader: Pick<OsReader, 'sockets' | 'listeners'>;
  /** The ports that the app's last process reported as taken. */
  readonly keptOut: { portsTaken(pmIds: readonly number[]): readonly number[] };
}

/** A list of sockets may be this old: one look for all apps that are down. */
const SHARED_MS = 2_000;

/** An app may report any number of ports. */
const MOST_PORTS = 8;

/** Sees that a port which an app that is down could not have is free again. */
export class FreedPort {
  readonly #deps: FreedPortDeps;
  readonly #taken = new Set<number>();
  /** The process whose report was believed without the port having been seen as taken. */
  #believed = 0;

  constructor(deps: FreedPortDeps) {
    this.#deps = deps;
  }

  /** That a port has become free, once for each time; null where none has. An app that runs has its port itself. */
  async look(
    { pmId, pid, startedAt }: ManagedProcess,
    probedPort: number | null,
  ): Promise<{ readonly what: string; readonly isFromRun: boolean } | null> {
    if (pid > 0) {
      this.#taken.clear();
      return null;
    }
    const reported = this.#deps.keptOut.portsTaken([pmId]).slice(0, MOST_PORTS);
    const ports = new Set([...(probedPort === null ? [] : [probedPort]), ...reported]);
    for (const port of ports) {
      const isTaken = await this.#isTaken(port);
      const what = `port ${port} is free again`;
      if (isTaken === true) this.#taken.add(port);
      else if (isTaken === false && this.#taken.delete(port)) return { what, isFromRun: false };
      else if (isTaken === false && reported.includes(port) && this.#believed !== startedAt) {
        this.#believed = startedAt;
        return { what, isFromRun: true };
      }
    }
    return null;
  }

  /** Null where it is not known. */
  async #isTaken(port: number): Promise<boolean | null> {
    const { reader } = this.#deps;
    const sockets = (await reader.sockets?.(SHARED_MS)) ?? null;
    if (sockets !== null) return (sockets.get(port)?.length ?? 0) > 0;
    const listeners = await reader.listeners(port);
    return listeners === null ? null : listeners.length > 0;
  }
}
