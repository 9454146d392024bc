import { addressOfHex } from './net.ts';
import type { LinuxProc } from './proc.ts';
import type { ListeningSocket, SocketTable } from '../os-reader.ts';

/** Far more than the listeners of any machine; it only bounds a read. */
const MAX_BYTES = 4_194_304;

/** `sl local remote st tx:rx tr:tm retrnsmt uid timeout inode`, of a socket in state LISTEN (0A). */
const LINE =
  /^\s*\d+: ([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4}) \S+ 0A \S+ \S+ \S+\s+(\d+)\s+\d+\s+(\d+) /;

/** All listening sockets at one moment. */
interface Look {
  /** Monotonic milliseconds, from before the first line was read. */
  readonly at: number;
  readonly table: SocketTable | null;
}

/**
 * All listening sockets, read once for all callers within a time: with thousands of apps the kernel takes
 * milliseconds for the list.
 */
export class LinuxListening {
  readonly #proc: LinuxProc;
  readonly #now: () => number;
  #last: Look | null = null;
  #reading: Promise<Look> | null = null;

  constructor(proc: LinuxProc, now: () => number) {
    this.#proc = proc;
    this.#now = now;
  }

  /**
   * The sockets of less than `maxAgeMs` before the call; 0 reads them now. Null where they cannot be read.
   */
  async within(maxAgeMs: number): Promise<SocketTable | null> {
    const since = this.#now() - maxAgeMs;
    if (this.#last !== null && this.#last.at > since) return this.#last.table;
    // A read that began too early is also waited for: two at once are no use.
    const underWay = await this.#reading;
    if (underWay !== null && underWay.at > since) return underWay.table;
    this.#reading ??= this.#look();
    return (await this.#reading).table;
  }

  async #look(): Promise<Look> {
    const at = this.#now();
    const look = { at, table: await this.#proc.complete(() => this.#read()) };
    // A failed read is not kept.
    if (look.table !== null) this.#last = look;
    this.#reading = null;
    return look;
  }

  async #read(): Promise<SocketTable | null> {
    const table = new Map<number, ListeningSocket[]>();
    const addresses = new Map<string, string | null>();
    const take = (line: string): boolean => {
      const socket = parseListening(line, addresses);
      if (socket === null) return false;
      const beside = table.get(socket.port);
      if (beside === undefined) table.set(socket.port, [socket]);
      else beside.push(socket);
      return true;
    };
    const isIpv4Read = await this.#eachLine('net/tcp', take);
    // A kernel without IPv6 has no tcp6 file.
    const isIpv6Read = await this.#eachLine('net/tcp6', take);
    return isIpv4Read || isIpv6Read ? table : null;
  }

  /**
   * The kernel lists listeners before connections, of which there may be a hundred thousand: the read stops
   * at the first piece without a listener.
   */
  #eachLine(path: string, take: (line: string) => boolean): Promise<boolean> {
    let rest = '';
    let read = 0;
    return this.#proc.eachPieceInTurns(path, (piece) => {
      read += piece.length;
      const lines = (rest + piece).split('\n');
      rest = lines.pop() ?? '';
      let hasListener = false;
      for (const line of lines) hasListener = take(line) || hasListener;
      return hasListener && read < MAX_BYTES;
    });
  }
}

/** Reads one line; null for the header, for other states and for anything of another shape. */
export function parseListening(
  line: string,
  addresses: Map<string, string | null> = new Map(),
): ListeningSocket | null {
  const [, hex, port, uid, id] = LINE.exec(line) ?? [];
  if (hex === undefined || port === undefined || id === undefined) return null;
  let address = addresses.get(hex);
  if (address === undefined) addresses.set(hex, (address = addressOfHex(hex)));
  if (address === null) return null;
  return { address, port: Number.parseInt(port, 16), id, uid: Number(uid) };
}
