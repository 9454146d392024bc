import type { Clock } from '../../time/clock.ts';
import { markersOf } from './markers.ts';
import { LinuxListening } from './listening.ts';
import { ConnectionTable } from './net.ts';
import { LinuxProc } from './proc.ts';
import { programOf, wordsOf } from './program.ts';
import { holdersOf, LinkBudget, socketsOf } from './sockets.ts';
import { UnixSockets } from './unix-sockets.ts';
import {
  mainThreadOf,
  parseBootTime,
  parseStat,
  parseStatus,
  startedAt,
  type StatFacts,
} from './stat.ts';
import { busyThreadOf } from './busy-thread.ts';
import { stoppedOf } from './stopped.ts';
import { waitedOf } from './waited.ts';
import { singleLineCommand } from '../../text/single-line.ts';
import type {
  Listener,
  ListeningSocket,
  MainThread,
  Markers,
  OsReader,
  ProcessFacts,
  ProcessTable,
  Program,
  RunningCommand,
  SocketTable,
  StoppedProcess,
  WorkFolder,
} from '../os-reader.ts';

/** After this many processes the event loop gets a turn; about 1 ms. */
const PROCESSES_A_TURN = 64;

/** What the kernel adds to the path of a folder that is deleted. */
const DELETED = / \(deleted\)$/;

/** The bound of a read; a longer command line is cut. */
const MAX_COMMAND_BYTES = 2_097_152;

/** Linux allows environment and arguments together a quarter of the stack, 2 MiB by default. */
const MAX_ENVIRON_BYTES = 2_097_152;

/** Reads /proc and starts no program. `root` is for tests. */
export class LinuxReader implements OsReader {
  readonly unix: UnixSockets;
  readonly busyThread = (pid: number, port: number) => busyThreadOf(this.#proc, pid, port);
  readonly #proc: LinuxProc;
  readonly #listening: LinuxListening;
  readonly #connections: ConnectionTable;

  constructor(clock: Clock, root = '/proc') {
    this.#proc = new LinuxProc(root, clock);
    this.#listening = new LinuxListening(this.#proc, () => clock.now());
    this.unix = new UnixSockets(this.#proc, () => clock.now());
    this.#connections = new ConnectionTable(this.#proc, () => clock.now());
  }

  async listeners(
    port: number,
    likelyPids: readonly number[] = [],
    maxAgeMs = 0,
  ): Promise<readonly Listener[] | null> {
    return this.#proc.complete(async () => {
      const table = await this.#listening.within(maxAgeMs);
      const sockets = table?.get(port) ?? [];
      if (table === null || sockets.length === 0) return table && [];
      const inodes = new Set(sockets.map(({ id }) => id));
      const holders = await holdersOf(this.#proc, inodes, likelyPids);
      return sockets.map((socket) => toListener(socket, holders.get(socket.id) ?? null));
    });
  }

  async listenersOf(pids: readonly number[], maxAgeMs = 0): Promise<readonly Listener[] | null> {
    return this.#proc.complete(async () => {
      const table = await this.#listening.within(maxAgeMs);
      if (table === null) return null;
      const sockets = [...table.values()].flat();
      const budget = new LinkBudget();
      const listeners: Listener[] = [];
      for (const pid of pids) {
        const inodes = await socketsOf(this.#proc, pid, budget);
        const own = sockets.filter(({ id }) => inodes.has(id));
        listeners.push(...own.map((socket) => toListener(socket, [pid])));
      }
      return listeners;
    });
  }

  sockets(maxAgeMs: number): Promise<SocketTable | null> {
    return this.#listening.within(maxAgeMs);
  }

  async closed(pids: readonly number[]): Promise<readonly number[] | null> {
    const isThere = (path: string): boolean => this.#proc.names(path) !== null;
    // A process that is gone hides no descriptors.
    return this.#proc.complete(async () =>
      pids.filter((pid) => !isThere(`${pid}/fd`) && isThere(String(pid))),
    );
  }

  program(pid: number, names: ReadonlySet<string>): Promise<Program | null> {
    return programOf(this.#proc, pid, names);
  }

  async commands(
    mayBe: (name: string) => boolean,
    isWanted: (words: readonly string[]) => boolean,
  ): Promise<readonly RunningCommand[] | null> {
    return this.#proc.complete(async () => {
      const bootMs = parseBootTime(this.#proc.text('stat') ?? '');
      const pids = this.#proc.pids();
      if (pids === null || bootMs === null) return null;
      const found: RunningCommand[] = [];
      for (const [index, pid] of pids.entries()) {
        if (index % PROCESSES_A_TURN === 0) await new Promise((resolve) => setImmediate(resolve));
        const stat = this.#stat(pid);
        if (stat === null || stat.state === 'zombie' || !mayBe(stat.name)) continue;
        const words = wordsOf(await this.#proc.memory(`${pid}/cmdline`, MAX_COMMAND_BYTES));
        if (!isWanted(words)) continue;
        const folder = (await this.workFolder(pid))?.path ?? null;
        const startedAtMs = startedAt(bootMs, stat);
        found.push({ pid, birth: birthOf(stat), startedAtMs, words, folder });
      }
      return found;
    });
  }

  async workFolder(pid: number): Promise<WorkFolder | null> {
    // A container's paths are its own.
    const link = this.#isOfOurWorld(pid) ? this.#proc.link(`${pid}/cwd`) : null;
    if (link === null) return null;
    const path = link.replace(DELETED, '');
    return { path, isDeleted: path !== link };
  }

  async waited(pids: readonly number[]): Promise<ReadonlyMap<number, number>> {
    return waitedOf(this.#proc, pids);
  }

  async stopped(pid: number): Promise<StoppedProcess | null> {
    return stoppedOf(this.#proc, pid);
  }

  async connectedAt(port: number, maxAgeMs = 0): Promise<readonly string[] | null> {
    return this.#connections.at(port, maxAgeMs);
  }

  async mainThread(pid: number): Promise<MainThread | null> {
    const status = this.#proc.text(`${pid}/status`);
    if (status === null) return null;
    const wchan = this.#proc.text(`${pid}/wchan`) ?? '';
    // A running thread waits nowhere: its wchan is 0. It is 0 also where the kernel hides it.
    const isAwake = this.#stat(pid)?.state === 'running';
    return mainThreadOf(status, isAwake ? null : wchan);
  }

  async processes(commandsOf: readonly number[] = []): Promise<ProcessTable | null> {
    return this.#proc.complete(() => this.#processes(commandsOf));
  }

  async #processes(commandsOf: readonly number[]): Promise<ProcessTable | null> {
    const pids = this.#proc.pids();
    const bootMs = parseBootTime(this.#proc.text('stat') ?? '');
    if (pids === null || bootMs === null) return null;
    const table = new Map<number, ProcessFacts>();
    for (const [index, pid] of pids.entries()) {
      if (index % PROCESSES_A_TURN === 0) await new Promise((resolve) => setImmediate(resolve));
      const facts = this.#process(pid, bootMs);
      if (facts !== null) table.set(pid, facts);
    }
    for (const pid of new Set(commandsOf)) {
      const facts = table.get(pid);
      // One at a time, see LinuxProc.
      const command = facts && (await this.#command(pid));
      if (facts && command) table.set(pid, { ...facts, command });
    }
    return table.size === 0 ? null : table;
  }

  async markers(pid: number): Promise<Markers | null> {
    if (!this.#isOfOurWorld(pid)) return null;
    const environ = await this.#proc.memory(`${pid}/environ`, MAX_ENVIRON_BYTES);
    // A process that is exiting, or whose memory we may not read, has none.
    return environ === null || environ.length === 0 ? null : markersOf(environ);
  }

  async births(pids: readonly number[]): Promise<ReadonlyMap<number, string> | null> {
    return this.#proc.complete(async () => {
      if (this.#stat('self') === null) return null;
      const births = new Map<number, string>();
      for (const pid of pids) {
        const stat = this.#stat(pid);
        if (stat !== null && stat.state !== 'zombie') births.set(pid, birthOf(stat));
      }
      return births;
    });
  }

  /**
   * False for a process of a container: on the host's network it may have the same PM2_HOME, name and folder.
   */
  #isOfOurWorld(pid: number): boolean {
    return ['pid', 'mnt'].every((kind) => {
      const own = this.#proc.link(`self/ns/${kind}`);
      return own !== null && own === this.#proc.link(`${pid}/ns/${kind}`);
    });
  }

  #process(pid: number, bootMs: number): ProcessFacts | null {
    const stat = this.#stat(pid);
    if (stat === null) return null;
    const { ppid, session, cpuMs, state, name } = stat;
    const status = parseStatus(this.#proc.text(`${pid}/status`) ?? '');
    return {
      pid,
      ppid,
      session,
      birth: birthOf(stat),
      startedAtMs: startedAt(bootMs, stat),
      cpuMs,
      state,
      ...status,
      command: singleLineCommand(name),
    };
  }

  #stat(pid: number | 'self'): StatFacts | null {
    return parseStat(this.#proc.text(`${pid}/stat`) ?? '');
  }

  async #command(pid: number): Promise<string> {
    const bytes = await this.#proc.memory(`${pid}/cmdline`, MAX_COMMAND_BYTES);
    return singleLineCommand(bytes?.toString('utf8', 0, 4_096) ?? '');
  }
}

function toListener({ address, port }: ListeningSocket, pids: readonly number[] | null): Listener {
  return { address, port, pids };
}

function birthOf({ startTicks }: StatFacts): string {
  return String(startTicks);
}
