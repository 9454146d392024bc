import { canonicalAddress } from './address.ts';
import type { LinuxProc } from './linux-proc.ts';

/** One line of /proc/net/tcp or tcp6. */
export interface SocketLine {
  readonly address: string;
  readonly port: number;
  readonly inode: string;
}

/** TCP_LISTEN of the kernel. */
const LISTEN = '0A';

/** TCP_ESTABLISHED of the kernel. */
const ESTABLISHED = '01';

/** Some 14 000 connections; the kernel takes about 20 ms to write them. */
const MAX_CONNECTION_BYTES = 2_097_152;

/** At which own addresses connections to a port stand open; null when not all could be read. */
export function connectedAddresses(proc: LinuxProc, port: number): readonly string[] | null {
  const tables = ['net/tcp', 'net/tcp6'].map((path) => readConnected(proc, path, port));
  const found = tables.flatMap((table) => table?.addresses ?? []);
  const isWhole = tables.some((table) => table !== null) && tables.every((table) => !table?.isCut);
  return isWhole || found.length > 0 ? found : null;
}

/** Reads one line; null for the header, for other states and for what is not of that shape. */
export function parseSocket(line: string, wanted = LISTEN): SocketLine | null {
  const [, local, , state, , , , , , inode] = line.trim().split(/\s+/);
  if (state !== wanted || local === undefined || inode === undefined) return null;
  const [, hex, port] = /^((?:[0-9A-F]{8}){1,4}):([0-9A-F]{4})$/.exec(local) ?? [];
  const address = hex === undefined ? null : addressOfHex(hex);
  if (address === null || port === undefined || !/^\d+$/.test(inode)) return null;
  return { address, port: Number.parseInt(port, 16), inode };
}

/**
 * The address out of the kernel's words of 32 bits: each is printed as a number, so on a
 * little-endian machine (all that Node supports but s390x) its four bytes stand in reverse.
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

/** All lines, for connections stand in no order. */
function readConnected(
  proc: LinuxProc,
  path: string,
  port: number,
): { readonly addresses: readonly string[]; readonly isCut: boolean } | null {
  const addresses: string[] = [];
  const read = eachLines(proc, path, MAX_CONNECTION_BYTES, (lines) => {
    for (const line of lines) {
      const socket = parseSocket(line, ESTABLISHED);
      if (socket?.port === port) addresses.push(socket.address);
    }
    return true;
  });
  return read === null ? null : { addresses, isCut: read >= MAX_CONNECTION_BYTES };
}

/**
 * Gives the whole lines of each piece to `take`, until it has enough or `maxBytes` are read; the
 * characters read, null where the file cannot be.
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
