import type { Clock } from '../time/clock.ts';
import type {
  Listener,
  MainThread,
  Markers,
  OsReader,
  ProcessTable,
  SocketTable,
} from './os-reader.ts';

/** A look at all processes, and when it began. */
interface Look {
  readonly at: number;
  readonly tookMs: number;
  readonly table: ProcessTable;
}

/** A machine with ten thousand processes takes long to look at: a tenth of the time is enough. */
const REST = 10;

/** When a table that may be older than the question was begun, see `SharedReader`. */
const takenAt = new WeakMap<ProcessTable, number>();

/** When the look at this table began; `otherwise` where no reader noted it. */
export function takenAtOf(table: ProcessTable, otherwise: number): number {
  return takenAt.get(table) ?? otherwise;
}

/**
 * One table of all processes for everybody who can bear one that is not quite new: two hundred apps
 * that fail, or whose memory is watched, are a few looks a second and not two hundred. A caller that wants it
 * new (`maxAgeMs` 0) has a look of its own, and leaves it to the others.
 */
export class SharedReader implements OsReader {
  readonly #reader: OsReader;
  readonly #clock: Clock;
  /** Only where the reader itself has them: that it has not says something. */
  readonly closed?: NonNullable<OsReader['closed']>;
  readonly program?: NonNullable<OsReader['program']>;
  #last: Look | null = null;
  #looking: Promise<Look | null> | null = null;

  constructor(reader: OsReader, clock: Clock) {
    this.#reader = reader;
    this.#clock = clock;
    if (reader.closed) this.closed = async (pids) => (await reader.closed?.(pids)) ?? null;
    if (reader.program) {
      this.program = async (pid, names) => (await reader.program?.(pid, names)) ?? null;
    }
  }

  async processes(commandsOf: readonly number[] = [], maxAgeMs = 0): Promise<ProcessTable | null> {
    if (maxAgeMs <= 0) return (await this.#look(commandsOf))?.table ?? null;
    const look = this.#kept(maxAgeMs) ?? (await this.#lookTogether());
    if (look === null || (await this.#hasAll(look.table, commandsOf))) return look?.table ?? null;
    return (await this.#lookTogether())?.table ?? null;
  }

  listeners(
    port: number,
    likelyPids?: readonly number[],
    maxAgeMs?: number,
  ): Promise<readonly Listener[] | null> {
    return this.#reader.listeners(port, likelyPids, maxAgeMs);
  }

  listenersOf(pids: readonly number[], maxAgeMs?: number): Promise<readonly Listener[] | null> {
    return this.#reader.listenersOf(pids, maxAgeMs);
  }

  async sockets(maxAgeMs: number): Promise<SocketTable | null> {
    return (await this.#reader.sockets?.(maxAgeMs)) ?? null;
  }

  connectedAt(port: number, maxAgeMs?: number): Promise<readonly string[] | null> {
    return this.#reader.connectedAt(port, maxAgeMs);
  }

  mainThread(pid: number): Promise<MainThread | null> {
    return this.#reader.mainThread(pid);
  }

  markers(pid: number): Promise<Markers | null> {
    return this.#reader.markers(pid);
  }

  births(pids: readonly number[]): Promise<ReadonlyMap<number, string> | null> {
    return this.#reader.births(pids);
  }

  /** The last look, while it is young enough. */
  #kept(maxAgeMs: number): Look | null {
    const look = this.#last;
    if (look === null) return null;
    return this.#clock.now() - look.at < Math.max(maxAgeMs, look.tookMs * REST) ? look : null;
  }

  /** A process that was born since has to be seen; one that is gone is rightly not there. */
  async #hasAll(table: ProcessTable, pids: readonly number[]): Promise<boolean> {
    const missing = pids.filter((pid) => !table.has(pid));
    if (missing.length === 0) return true;
    return (await this.#reader.births(missing))?.size === 0;
  }

  /** One look for all who wait for one. */
  async #lookTogether(): Promise<Look | null> {
    this.#looking ??= this.#look([]).finally(() => (this.#looking = null));
    return this.#looking;
  }

  async #look(commandsOf: readonly number[]): Promise<Look | null> {
    const at = this.#clock.now();
    const table = await this.#reader.processes(commandsOf);
    if (table === null) return null;
    takenAt.set(table, at);
    const look = { at, tookMs: this.#clock.now() - at, table };
    if (this.#last === null || at >= this.#last.at) this.#last = look;
    return look;
  }
}
