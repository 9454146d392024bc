import { canonicalAddress } from '../address.ts';
import type { LinuxProc } from './proc.ts';

/** One line of /proc/net/tcp or tcp6. */
interface SocketLine {
  readonly address: string;
  readonly port: number;
  readonly inode: string;
}

/** TCP_LISTEN of the kernel. */
const LISTEN = '0A';

/** TCP_ESTABLISHED of the kernel. */
const ESTABLISHED = '01';

/** About 14 000 connections; the kernel takes about 20 ms for them. */
const MAX_CONNECTION_BYTES = 2_097_152;

/** All open connections at one moment. */
interface Connections {
  readonly at: number;
  /** By local port, the local address of each connection. */
  readonly byPort: ReadonlyMap<number, readonly string[]>;
  /** False where not all of them could be read. */
  readonly isWhole: boolean;
}

/** The kernel's list of connections, read once for all callers that accept one of some age. */
export class ConnectionTable {
  readonly #proc: LinuxProc;
  readonly #now: () => number;
  #last: Connections | null = null;

  constructor(proc: LinuxProc, now: () => number) {
    this.#proc = proc;
    this.#now = now;
  }

  /**
   * The local addresses of open connections to a port; null where not all could be read. `maxAgeMs` 0 reads
   * again.
   */
  at(port: number, maxAgeMs: number): readonly string[] | null {
    const now = this.#now();
    if (this.#last === null || now - this.#last.at >= maxAgeMs) {
      this.#last = readConnections(this.#proc, now);
    }
    const { byPort, isWhole } = this.#last;
    return byPort.get(port) ?? (isWhole ? [] : null);
  }
}

function readConnections(proc: LinuxProc, at: number): Connections {
  const byPort = new Map<number, string[]>();
  const reads = ['net/tcp', 'net/tcp6'].map((path) => readConnected(proc, path, byPort));
  const isWhole =
    reads.some((read) => read !== null) &&
    reads.every((read) => read === null || read < MAX_CONNECTION_BYTES);
  return { at, byPort, isWhole };
}

/** Reads one line; null for the header, for other states and for anything of another shape. */
export function parseSocket(line: string, wanted = LISTEN): SocketLine | null {
  const [, local, , state, , , , , , inode] = line.trim().split(/\s+/);
  if (state !== wanted || local === undefined || inode === undefined) return null;
  const [, hex, port] = /^((?:[0-9A-F]{8}){1,4}):([0-9A-F]{4})$/.exec(local) ?? [];
  const address = hex === undefined ? null : addressOfHex(hex);
  if (address === null || port === undefined || !/^\d+$/.test(inode)) return null;
  return { address, port: Number.parseInt(port, 16), inode };
}

/**
 * The address from the kernel's 32-bit words. Each is printed as a number, so on a little-endian machine (all
 * that Node supports, except s390x) its four bytes are in reverse order.
 */
export function addressOfHex(hex: string, isLittleEndian = IS_LITTLE_ENDIAN): string | null {
  const bytes = Buffer.from(hex, 'hex');
  if (isLittleEndian && bytes.length % 4 === 0) bytes.swap32();
  if (bytes.length === 4) return bytes.join('.');
  if (bytes.length !== 16) return null;
  const groups = Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(index * 2));
  return canonicalAddress(groups.map((group) => group.toString(16)).join(':'));
}

const IS_LITTLE_ENDIAN = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;

/**
 * Reads all lines, because connections have no order. Returns the number of characters; null where the file
 * cannot be read.
 */
function readConnected(
  proc: LinuxProc,
  path: string,
  byPort: Map<number, string[]>,
): number | null {
  return eachLines(proc, path, MAX_CONNECTION_BYTES, (lines) => {
    for (const line of lines) {
      const socket = parseSocket(line, ESTABLISHED);
      if (socket === null) continue;
      const others = byPort.get(socket.port);
      if (others === undefined) byPort.set(socket.port, [socket.address]);
      else others.push(socket.address);
    }
    return true;
  });
}

/**
 * Gives the whole lines of each piece to `take`, until that has enough or `maxBytes` are read. Returns the
 * number of characters; null where the file cannot be read.
 */
function eachLines(
  proc: LinuxProc,
  path: string,
  maxBytes: number,
  take: (lines: readonly string[]) => boolean,
): number | null {
  let rest = '';
  let read = 0;
  const isRead = proc.eachPiece(path, (piece) => {
    read += piece.length;
    const lines = (rest + piece).split('\n');
    rest = lines.pop() ?? '';
    return take(lines) && read < maxBytes;
  });
  return isRead ? read : null;
}
