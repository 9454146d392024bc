/** A socket that accepts connections on this machine. */
export interface Listener {
  /**
   * Canonical text: `127.0.0.1`, `::1`; a wildcard is `0.0.0.0` or `::`; IPv4-mapped ones are IPv4. Of a Unix
   * socket it is the path.
   */
  readonly address: string;
  /** 0 for a Unix socket. */
  readonly port: number;
  /** The processes that hold it (perhaps not all of them); null: a process that we may not see. */
  readonly pids: readonly number[] | null;
}

/** A listening socket, without its holders. */
export interface ListeningSocket {
  /** In the form of `Listener`. */
  readonly address: string;
  readonly port: number;
  /** Another id at the same address is another socket, perhaps of another process. */
  readonly id: string;
  /** The effective user of the process that made it; null where the platform does not show it. */
  readonly uid: number | null;
}

/** All sockets that listen on this machine at one moment, by port. */
export type SocketTable = ReadonlyMap<number, readonly ListeningSocket[]>;

/** The program that a process runs, independent of the process's name. */
export interface Program {
  /** Absolute, links resolved. */
  readonly path: string;
  /** The users who can have put it there: the owners of it and of the folders above it; null: anybody. */
  readonly owners: readonly number[] | null;
}

/** What a process does, as far as the system says. `disk`: a wait that no signal interrupts. */
export type ProcessState =
  | 'running'
  | 'sleeping'
  | 'disk'
  | 'stopped'
  | 'traced'
  | 'zombie'
  | 'unknown';

/** One process at one moment. */
export interface ProcessFacts {
  readonly pid: number;
  readonly ppid: number;
  /** Identifies the process together with its pid: with another birth, the pid was reused. */
  readonly birth: string;
  /** The real user; null where the platform does not show it. */
  readonly uid: number | null;
  /**
   * Wall milliseconds since the epoch. Exact within one table to 10 ms (Linux), 1 s (macOS), 1 ms (Windows).
   * Against other clocks up to 1 s too early, because Linux rounds its boot time down.
   */
  readonly startedAtMs: number;
  /** User and system time of all threads, also of those that have ended, in steps of 10 ms. */
  readonly cpuMs: number | null;
  readonly rssBytes: number | null;
  /** How long its threads waited for a processor since their start, all together; absent where not asked. */
  readonly waitedMs?: number;
  readonly state: ProcessState;
  /** Its session (POSIX): PM2 gives each app its own. Absent where the platform does not show it. */
  readonly session?: number;
  /** The process that debugs it; 0: none; null: not known. */
  readonly tracerPid: number | null;
  /** One line, safe to print, cut. May have secrets that the user put into the arguments. */
  readonly command: string;
}

/** All visible processes at one moment, by pid. */
export type ProcessTable = ReadonlyMap<number, ProcessFacts>;

/** A program that runs, as far as its command line says. */
export interface RunningCommand {
  readonly pid: number;
  readonly birth: string;
  /** Wall milliseconds, as in `ProcessFacts`. */
  readonly startedAtMs: number;
  readonly words: readonly string[];
  /** The folder in which it works, links resolved; null where we may not see it. */
  readonly folder: string | null;
}

/** The folder in which a process works: where it was when it went there, though it may be deleted since. */
export interface WorkFolder {
  readonly path: string;
  readonly isDeleted: boolean;
}

/** How the first thread of a process sleeps; in Node this thread runs the program. */
export interface MainThread {
  /** True where it waits for another thread of its process; null: not known. */
  readonly waitsForThread: boolean | null;
  /** How often it has gone to sleep so far; null: not known. */
  readonly sleeps: number | null;
  /** The function of the kernel in which it sleeps; null or absent where it runs, and where that is not shown. */
  readonly channel?: string | null;
}

/** A process all of whose threads a signal has stopped (state T), and that nobody traces. */
export interface StoppedProcess {
  readonly birth: string;
  /** How often its threads have left a processor so far: the same where it did not run between two looks. */
  readonly switches: number;
}

/** The first thread of a Node process, at a moment when it runs; what in it shows a turn of its event loop. */
export interface BusyThread {
  readonly birth: string;
  /** How often it has gone to sleep so far. */
  readonly sleeps: number;
  /** The CPU time of this thread alone, in steps of 10 ms. */
  readonly cpuMs: number;
  /** How many connections to its port wait to be accepted: a turn of the event loop accepts all of them. */
  readonly waiting: number;
}

/** PM2's variables in the environment of a process, which its children inherit; null where missing. */
export interface Markers {
  readonly pm2Home: string | null;
  readonly name: string | null;
  readonly pmId: string | null;
  readonly cwd: string | null;
  readonly uniqueId: string | null;
}

/** One process, not a later one with the same pid. */
export type ProcessIdentity = Pick<ProcessFacts, 'pid' | 'birth'>;

/** Asks the system about Unix sockets. Null has the meaning that it has in `OsReader`. */
export interface UnixSocketReader {
  /** The listeners at `path`, with the parameters of `OsReader.listeners`. */
  listenersAt(
    path: string,
    likelyPids?: readonly number[],
    maxAgeMs?: number,
  ): Promise<readonly Listener[] | null>;
  /** The paths at which these processes listen, absolute, without those that are not there any more. */
  pathsOf(pids: readonly number[]): Promise<readonly string[] | null>;
  /** The ids of all sockets that may be at `path`: they change when one comes or goes. */
  idsAt(path: string, maxAgeMs: number): Promise<readonly string[] | null>;
}

/**
 * Asks the system about ports and processes. Never throws. Null always means that this platform, or our
 * permissions, do not show it. It never means "none" (DESIGN §10).
 */
export interface OsReader {
  /**
   * All listeners on `port`. Likely pids make the look cheaper. With `maxAgeMs` the list of sockets may be
   * that old; their holders are always read now.
   */
  listeners(
    port: number,
    likelyPids?: readonly number[],
    maxAgeMs?: number,
  ): Promise<readonly Listener[] | null>;
  /** All ports on which these processes listen, to find the port that a server moved to. */
  listenersOf(pids: readonly number[], maxAgeMs?: number): Promise<readonly Listener[] | null>;
  /** The local addresses of open connections to the local `port`, from at most `maxAgeMs` ago. */
  connectedAt(port: number, maxAgeMs?: number): Promise<readonly string[] | null>;
  /** How the first thread of `pid` sleeps. */
  mainThread(pid: number): Promise<MainThread | null>;
  /**
   * All processes. Only those in `commandsOf` are sure to have their whole command line. With `maxAgeMs` the
   * table may be that old, and without command lines; running processes of `commandsOf` are always in it.
   */
  processes(commandsOf?: readonly number[], maxAgeMs?: number): Promise<ProcessTable | null>;
  /** PM2's variables in the environment with which `pid` was started; nothing else is kept. */
  markers(pid: number): Promise<Markers | null>;
  /** The births of those of `pids` that run, without zombies. */
  births(pids: readonly number[]): Promise<ReadonlyMap<number, string> | null>;
  /**
   * All listening sockets, from at most `maxAgeMs` ago: one look for all callers. Absent where the platform
   * has no list.
   */
  sockets?(maxAgeMs: number): Promise<SocketTable | null>;
  /** Who listens on Unix sockets. Absent where the platform has no list of them. */
  readonly unix?: UnixSocketReader;
  /** Those of `pids` whose descriptors we may not see. Absent where the platform does not show this. */
  closed?(pids: readonly number[]): Promise<readonly number[] | null>;
  /**
   * The program of `pid`, if its file has one of `names`; null for another, and where we may not see it.
   * Absent where the platform does not show this.
   */
  program?(pid: number, names: ReadonlySet<string>): Promise<Program | null>;
  /**
   * The processes whose short name `mayBe` takes and whose command line `isWanted` takes. Absent where the
   * platform does not tell in which folder they work.
   */
  commands?(
    mayBe: (name: string) => boolean,
    isWanted: (words: readonly string[]) => boolean,
  ): Promise<readonly RunningCommand[] | null>;
  /**
   * How long the living threads of each of `pids` have waited for a processor, all together, in milliseconds; not
   * in the answer is not known. Absent where the platform does not tell.
   */
  waited?(pids: readonly number[]): Promise<ReadonlyMap<number, number>>;
  /** Whether a signal has stopped `pid`; null where it runs, is traced, or is not known. Absent where the platform does not tell. */
  stopped?(pid: number): Promise<StoppedProcess | null>;
  /** The first thread of the Node process `pid`, which listens on `port`; null where it does not run now, is traced, or is not known. Absent where the platform does not tell. */
  busyThread?(pid: number, port: number): Promise<BusyThread | null>;
  /** Where a process works; null where we may not see it. Absent where the platform does not tell. */
  workFolder?(pid: number): Promise<WorkFolder | null>;
}
