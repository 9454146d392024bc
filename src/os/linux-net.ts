import { canonicalAddress } from './address.ts';
import type { LinuxProc } from './linux-proc.ts';

/** One line of /proc/net/tcp or tcp6 that is in state LISTEN. */
export interface ListeningSocket {
  readonly address: string;
  readonly port: number;
  readonly inode: string;
}

/** TCP_LISTEN of the kernel. */
const LISTEN = '0A';

/** Far more than any machine has listeners; only there so that a read has an end. */
const MAX_BYTES = 4_194_304;

/** All listening sockets of both families, or null when neither can be read. */
export function listeningSockets(proc: LinuxProc): readonly ListeningSocket[] | null {
  const tables = ['net/tcp', 'net/tcp6'].map((path) => readListening(proc, path));
  // A kernel without IPv6 has no tcp6.
  return tables.every((table) => table === null) ? null : tables.flatMap((table) => table ?? []);
}

/** Reads one line; null for the header, for other states and for what is not of that shape. */
export function parseSocket(line: string): ListeningSocket | null {
  const [, local, , state, , , , , , inode] = line.trim().split(/\s+/);
  if (state !== LISTEN || local === undefined || inode === undefined) return null;
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

/**
 * The kernel lists listeners before connections, of which there may be a hundred thousand: the
 * first piece that holds no listener ends the reading.
 */
function readListening(proc: LinuxProc, path: string): readonly ListeningSocket[] | null {
  const sockets: ListeningSocket[] = [];
  let rest = '';
  let read = 0;
  const take = (piece: string): boolean => {
    read += piece.length;
    const lines = (rest + piece).split('\n');
    rest = lines.pop() ?? '';
    const found = lines.map(parseSocket).filter((socket) => socket !== null);
    sockets.push(...found);
    return found.length > 0 && read < MAX_BYTES;
  };
  return proc.eachPiece(path, take) ? sockets : null;
}
