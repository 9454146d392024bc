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

/**
 * How old a list or table may be for most looks at an app's processes and ports, in milliseconds: all targets
 * then share it.
 */
export const SHARED_MS = 250;

/** With ten thousand processes one look takes long, so looks may take at most a tenth of the time. */
const REST = 10;

/** When the reading of a shared table began, see `SharedReader`. */
const takenAt = new WeakMap<ProcessTable, number>();

/** When the reading of this table began (monotonic milliseconds); `otherwise` where it was not noted. */
export function takenAtOf(table: ProcessTable, otherwise: number): number {
  return takenAt.get(table) ?? otherwise;
}

/**
 * Shares one table of all processes between callers that accept one of some age: two hundred apps that fail,
 * or whose memory is watched, cost a few looks a second and not two hundred. A caller that needs a new table
 * (`maxAgeMs` 0) gets one, which the others then share.
 */
export class SharedReader implements OsReader {
  readonly #reader: OsReader;
  readonly #clock: Clock;
  /** Present only where the reader itself has it, because its absence has a meaning. */
  readonly unix?: NonNullable<OsReader['unix']>;
  readonly closed?: NonNullable<OsReader['closed']>;
  readonly program?: NonNullable<OsReader['program']>;
  readonly commands?: NonNullable<OsReader['commands']>;
  readonly workFolder?: NonNullable<OsReader['workFolder']>;
  readonly waited?: NonNullable<OsReader['waited']>;
  readonly stopped?: NonNullable<OsReader['stopped']>;
  readonly busyThread?: NonNullable<OsReader['busyThread']>;
  #last: Look | null = null;
  #looking: Promise<Look | null> | null = null;

  constructor(reader: OsReader, clock: Clock) {
    this.#reader = reader;
    this.#clock = clock;
    if (reader.unix) this.unix = reader.unix;
    if (reader.closed) this.closed = async (pids) => (await reader.closed?.(pids)) ?? null;
    if (reader.program) {
      this.program = async (pid, names) => (await reader.program?.(pid, names)) ?? null;
    }
    if (reader.commands) {
      this.commands = async (...asked) => (await reader.commands?.(...asked)) ?? null;
    }
    if (reader.waited) {
      this.waited = async (pids) => (await reader.waited?.(pids)) ?? new Map();
    }
    if (reader.stopped) this.stopped = async (pid) => (await reader.stopped?.(pid)) ?? null;
    if (reader.busyThread) {
      this.busyThread = async (pid, port) => (await reader.busyThread?.(pid, port)) ?? null;
    }
    if (reader.workFolder) {
      this.workFolder = async (pid) => (await reader.workFolder?.(pid)) ?? null;
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

  /** The last look, while it is new enough. */
  #kept(maxAgeMs: number): Look | null {
    const look = this.#last;
    if (look === null) return null;
    return this.#clock.now() - look.at < Math.max(maxAgeMs, look.tookMs * REST) ? look : null;
  }

  /**
   * True where the table has all of `pids` that run: a process that started since must be in it, one that is
   * gone need not.
   */
  async #hasAll(table: ProcessTable, pids: readonly number[]): Promise<boolean> {
    const missing = pids.filter((pid) => !table.has(pid));
    if (missing.length === 0) return true;
    return (await this.#reader.births(missing))?.size === 0;
  }

  /** One look for all callers that wait for one. */
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
