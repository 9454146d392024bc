import { addressOfHex } from './net.ts';
import { KeptLook } from './kept-look.ts';
import type { LinuxProc } from './proc.ts';
import type { ListeningSocket, SocketTable } from '../os-reader.ts';

/** Far more than the listeners of any machine; it only bounds a read. */
const MAX_BYTES = 4_194_304;

/** `sl local remote st tx:rx tr:tm retrnsmt uid timeout inode`, of a socket in state LISTEN (0A). */
const LINE =
  /^\s*\d+: ([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4}) \S+ 0A \S+ \S+ \S+\s+(\d+)\s+\d+\s+(\d+) /;

/** All TCP sockets that listen, read once for all callers within a time. */
export class LinuxListening {
  readonly #proc: LinuxProc;
  readonly #look: KeptLook<SocketTable>;

  constructor(proc: LinuxProc, now: () => number) {
    this.#proc = proc;
    this.#look = new KeptLook(() => proc.complete(() => this.#read()), now);
  }

  /** The sockets of less than `maxAgeMs` before the call, see `KeptLook`. */
  within(maxAgeMs: number): Promise<SocketTable | null> {
    return this.#look.within(maxAgeMs);
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
    const isIpv4Read = await eachListeningLine(this.#proc, 'net/tcp', take);
    // A kernel without IPv6 has no tcp6 file.
    const isIpv6Read = await eachListeningLine(this.#proc, 'net/tcp6', take);
    return isIpv4Read || isIpv6Read ? table : null;
  }
}

/**
 * Gives the lines of a list of sockets to `take`, which says whether one is a listener's. The kernel lists listeners
 * before connections, of which there may be a hundred thousand: the read stops at the first piece without a listener.
 * False where the file cannot be read.
 */
export function eachListeningLine(
  proc: LinuxProc,
  path: string,
  take: (line: string) => boolean,
): Promise<boolean> {
  let rest = '';
  let read = 0;
  return proc.eachPieceInTurns(path, (piece) => {
    read += piece.length;
    const lines = (rest + piece).split('\n');
    rest = lines.pop() ?? '';
    let hasListener = false;
    for (const line of lines) hasListener = take(line) || hasListener;
    return hasListener && read < MAX_BYTES;
  });
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
