/** A socket that accepts TCP connections on this machine. */
export interface Listener {
  /** Canonical text: `127.0.0.1`, `::1`; a wildcard is `0.0.0.0` or `::`; IPv4-mapped ones are IPv4. */
  readonly address: string;
  readonly port: number;
  /** Who holds it (not always everybody who does); null: a process that we are not allowed to see. */
  readonly pids: readonly number[] | null;
}

/** A listening socket, without a look at who holds it. */
export interface ListeningSocket {
  /** Spelled as that of a `Listener`. */
  readonly address: string;
  readonly port: number;
  /** Another one at the same place is another socket, and perhaps another's. */
  readonly id: string;
  /** Whose it is: the user that its maker acted as; null where the platform does not tell. */
  readonly uid: number | null;
}

/** All sockets that listen on this machine at one moment, by port. */
export type SocketTable = ReadonlyMap<number, readonly ListeningSocket[]>;

/** The program that a process runs, whatever it calls itself. */
export interface Program {
  /** Absolute, links resolved. */
  readonly path: string;
  /** The users who can have put it there: who owns it or a folder above it; null: anybody. */
  readonly owners: readonly number[] | null;
}

/** What a process is doing, as far as the system says. `disk` is a wait that no signal ends. */
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
  /** The exact mark of this process: same pid and same birth is the same process, else the pid was reused. */
  readonly birth: string;
  /** The real user; null where the platform does not tell. */
  readonly uid: number | null;
  /**
   * Wall milliseconds since the epoch. Within one table good to 10 ms (Linux), 1 s (macOS), 1 ms
   * (Windows); against other clocks up to 1 s too early, because Linux rounds its boot time down.
   */
  readonly startedAtMs: number;
  /** User and system time of all threads, ended ones included; in steps of 10 ms. */
  readonly cpuMs: number | null;
  readonly rssBytes: number | null;
  readonly state: ProcessState;
  /** Its session (POSIX): PM2 gives each app its own. Absent where the platform does not tell. */
  readonly session?: number;
  /** Who debugs it; 0 is nobody, null is not known. */
  readonly tracerPid: number | null;
  /** One line, safe to print, cut short. May hold what the user put into the arguments. */
  readonly command: string;
}

/** All processes that can be seen, by pid, from one look. */
export type ProcessTable = ReadonlyMap<number, ProcessFacts>;

/** How the first thread of a process sleeps; in Node it is the one that runs the program. */
export interface MainThread {
  /** Whether it waits for another thread of its process to wake it; null is not known. */
  readonly waitsForThread: boolean | null;
  /** How often it has gone to sleep so far; null is not known. */
  readonly sleeps: number | null;
}

/** What PM2 put into the environment of a process and thereby of its children; null is not there. */
export interface Markers {
  readonly pm2Home: string | null;
  readonly name: string | null;
  readonly pmId: string | null;
  readonly cwd: string | null;
  readonly uniqueId: string | null;
}

/** A process that is meant, and no later one of the same pid. */
export type ProcessIdentity = Pick<ProcessFacts, 'pid' | 'birth'>;

/**
 * Asks the system about ports and processes. Never throws. null everywhere means that this
 * platform, or our permissions, cannot tell: it is never to be taken for "none" (DESIGN §10).
 */
export interface OsReader {
  /**
   * Everybody who listens on `port`; pids that are likely to be it make the look cheaper. With
   * `maxAgeMs` the list of sockets, but not who holds them, may be as old as that.
   */
  listeners(
    port: number,
    likelyPids?: readonly number[],
    maxAgeMs?: number,
  ): Promise<readonly Listener[] | null>;
  /** Every port on which these processes listen: where did the server drift to? */
  listenersOf(pids: readonly number[], maxAgeMs?: number): Promise<readonly Listener[] | null>;
  /** The addresses of this machine at which connections to `port` of it stand open, up to `maxAgeMs` ago. */
  connectedAt(port: number, maxAgeMs?: number): Promise<readonly string[] | null>;
  /** What holds up the first thread of `pid`. */
  mainThread(pid: number): Promise<MainThread | null>;
  /**
   * All processes. Only those in `commandsOf` are sure to have their whole command line. With `maxAgeMs`
   * the table may be as old as that, and without command lines; those in `commandsOf` that live are in it.
   */
  processes(commandsOf?: readonly number[], maxAgeMs?: number): Promise<ProcessTable | null>;
  /** PM2's variables in the environment with which `pid` was started; nothing else of it is kept. */
  markers(pid: number): Promise<Markers | null>;
  /** The births of those of `pids` that are alive, zombies not included. */
  births(pids: readonly number[]): Promise<ReadonlyMap<number, string> | null>;
  /**
   * All listening sockets, as they were at most `maxAgeMs` ago: one look for all who ask. Absent
   * where the platform has none.
   */
  sockets?(maxAgeMs: number): Promise<SocketTable | null>;
  /** Those of `pids` whose descriptors we may not see. Absent where the platform does not tell. */
  closed?(pids: readonly number[]): Promise<readonly number[] | null>;
  /**
   * What `pid` runs, if its file has one of `names`; null for another, and where we may not see it.
   * Absent where the platform does not tell.
   */
  program?(pid: number, names: ReadonlySet<string>): Promise<Program | null>;
}
