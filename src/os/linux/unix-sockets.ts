import { realpath, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import { KeptLook } from './kept-look.ts';
import type { LinuxProc } from './proc.ts';
import { holdersOf, LinkBudget, socketsOf } from './sockets.ts';
import type { Listener, UnixSocketReader } from '../os-reader.ts';

/** Some 60 000 sockets; with more the answer is unknown. */
const MAX_BYTES = 4_194_304;

/** `num: refs protocol flags type st inode path` (proc_net_unix(5)); `accepts` is set in the flags of a listener. */
const LINE = /^[0-9A-F]+: \S+ \S+ ([0-9A-F]{8}) 0001 \S+ +(\d+) (.+)$/i;
const ACCEPTS = 0x10000;

/** A Unix socket that accepts connections. */
export interface UnixSocket {
  /** As the program gave it: a relative one starts where the program was then. */
  readonly path: string;
  /** Another id is another socket, also at the same path. */
  readonly id: string;
}

/** Finds who listens on a Unix socket. */
export class UnixSockets implements UnixSocketReader {
  readonly #proc: LinuxProc;
  readonly #look: KeptLook<ReadonlyMap<string, readonly UnixSocket[]>>;

  constructor(proc: LinuxProc, now: () => number) {
    this.#proc = proc;
    this.#look = new KeptLook(() => proc.complete(() => this.#read()), now);
  }

  /** The ids of all sockets that may be at `path`: those with its file name. Null where it is not known. */
  async idsAt(path: string, maxAgeMs: number): Promise<readonly string[] | null> {
    const table = await this.#look.within(maxAgeMs);
    return table && (table.get(basename(path)) ?? []).map(({ id }) => id);
  }

  /** The listeners at `path`, with their holders; null where it is not known. */
  listenersAt(
    path: string,
    likelyPids: readonly number[] = [],
    maxAgeMs = 0,
  ): Promise<readonly Listener[] | null> {
    return this.#proc.complete(async () => {
      const table = await this.#look.within(maxAgeMs);
      const sockets = table?.get(basename(path)) ?? [];
      return table && this.#listenersAt(path, sockets, likelyPids);
    });
  }

  /** The paths at which these processes listen and that are there; null where it is not known. */
  pathsOf(pids: readonly number[]): Promise<readonly string[] | null> {
    return this.#proc.complete(async () => {
      const table = await this.#look.within(0);
      if (table === null) return null;
      const sockets = [...table.values()].flat();
      const budget = new LinkBudget();
      const found = new Set<string>();
      for (const pid of pids) {
        const held = await socketsOf(this.#proc, pid, budget);
        for (const { path } of sockets.filter(({ id }) => held.has(id))) {
          const folder = isAbsolute(path) ? '/' : this.#proc.link(`${pid}/cwd`);
          const whole = folder === null ? null : resolve(folder, path);
          if (whole !== null && (await isSocket(whole))) found.add(whole);
        }
      }
      return [...found];
    });
  }

  async #listenersAt(
    path: string,
    sockets: readonly UnixSocket[],
    likelyPids: readonly number[],
  ): Promise<readonly Listener[]> {
    const holders = await holdersOf(this.#proc, new Set(sockets.map(({ id }) => id)), likelyPids);
    const wanted = await realPath(path);
    const found: Listener[] = [];
    for (const socket of sockets) {
      const pids = holders.get(socket.id) ?? null;
      if (!(await this.#isAt(wanted, socket.path, pids))) continue;
      found.push({ address: path, port: 0, pids });
    }
    return found;
  }

  /** Whether a socket that was bound at `bound` is at `wanted`, a real path. */
  async #isAt(wanted: string, bound: string, pids: readonly number[] | null): Promise<boolean> {
    if (isAbsolute(bound)) return bound === wanted || (await realPath(bound)) === wanted;
    for (const pid of pids ?? []) {
      const folder = this.#proc.link(`${pid}/cwd`);
      if (folder !== null && (await realPath(resolve(folder, bound))) === wanted) return true;
    }
    return false;
  }

  async #read(): Promise<ReadonlyMap<string, readonly UnixSocket[]> | null> {
    const table = new Map<string, UnixSocket[]>();
    let rest = '';
    let read = 0;
    const isRead = await this.#proc.eachPieceInTurns('net/unix', (piece) => {
      read += piece.length;
      const lines = (rest + piece).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const socket = parseUnixSocket(line);
        if (socket === null) continue;
        const name = basename(socket.path);
        const beside = table.get(name);
        if (beside === undefined) table.set(name, [socket]);
        else beside.push(socket);
      }
      return read < MAX_BYTES;
    });
    return isRead && read < MAX_BYTES ? table : null;
  }
}

/** Reads one line; null for the header, for a socket that accepts nothing, and for one without a file. */
export function parseUnixSocket(line: string): UnixSocket | null {
  const [, flags, id, path] = LINE.exec(line) ?? [];
  if (flags === undefined || id === undefined || path === undefined) return null;
  if ((Number.parseInt(flags, 16) & ACCEPTS) === 0 || path.startsWith('@')) return null;
  return { path, id };
}

/** The path with the links of its folder resolved; as it is where the folder is not there. */
async function realPath(path: string): Promise<string> {
  const folder = await realpath(dirname(path)).catch(() => null);
  return folder === null ? path : join(folder, basename(path));
}

function isSocket(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isSocket(),
    () => false,
  );
}
