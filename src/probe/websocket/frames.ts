import { randomBytes } from 'node:crypto';

/** The most bytes that are read from a server in one probe. */
export const MAX_RECEIVED_BYTES = 64 * 1024;

/** The longest payload of a control frame (RFC 6455 §5.5). */
const MAX_CONTROL_BYTES = 125;

/** What a server sends. After one of the last three kinds nothing more is read. */
export type Frame =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'binary' }
  | { readonly kind: 'ping'; readonly payload: Buffer }
  | { readonly kind: 'pong' }
  | { readonly kind: 'close'; readonly code: number | null; readonly reason: string }
  /** Bytes that RFC 6455 forbids; `reason` is for people. */
  | { readonly kind: 'broken'; readonly reason: string }
  /** More came, or is announced, than is read. */
  | { readonly kind: 'full' };

/** The opcodes of the frames that we send. */
const OPCODES = { text: 0x1, close: 0x8, pong: 0xa } as const;

/** Encodes one whole frame, masked as a client must do (RFC 6455 §5.3), with up to 65535 bytes of payload. */
export function encodeFrame(kind: keyof typeof OPCODES, payload: Buffer): Buffer {
  const isShort = payload.length < 126;
  const header = Buffer.alloc(isShort ? 2 : 4);
  header[0] = 0x80 | OPCODES[kind];
  header[1] = 0x80 | (isShort ? payload.length : 126);
  if (!isShort) header.writeUInt16BE(payload.length, 2);
  const mask = randomBytes(4);
  const masked = payload.map((byte, at) => byte ^ (mask[at % 4] ?? 0));
  return Buffer.concat([header, mask, masked]);
}

/** The payload of a close frame: its code and no reason. */
export function closePayload(code: number): Buffer {
  const payload = Buffer.alloc(2);
  payload.writeUInt16BE(code);
  return payload;
}

/** The head of one frame. */
interface Head {
  readonly isFinal: boolean;
  readonly opcode: number;
  readonly isMasked: boolean;
  readonly hasReservedBits: boolean;
  readonly payloadAt: number;
  readonly payloadBytes: number;
}

/** Reads frames from chunks, in linear time and bounded memory, also for hostile input. */
export class FrameReader {
  readonly #bytes: Buffer;
  readonly #decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  #length = 0;
  #at = 0;
  #isOver = false;
  /** The fragments of the unfinished message. */
  #message: { readonly isText: boolean; readonly from: number; to: number } | null = null;

  /** Reads `maxBytes` at most, of all frames together. */
  constructor(maxBytes = MAX_RECEIVED_BYTES) {
    this.#bytes = Buffer.allocUnsafe(maxBytes);
  }

  /** The frames that this chunk completes; fragments are joined to messages. */
  read(chunk: Buffer): readonly Frame[] {
    const frames: Frame[] = [];
    if (this.#isOver) return frames;
    this.#length += chunk.copy(this.#bytes, this.#length);
    for (;;) {
      const frame = this.#next();
      if (frame === 'awaited') break;
      if (frame === 'fragment') continue;
      frames.push(frame);
      this.#isOver = frame.kind === 'close' || frame.kind === 'broken' || frame.kind === 'full';
      if (this.#isOver) break;
    }
    return frames;
  }

  #next(): Frame | 'fragment' | 'awaited' {
    const isFull = this.#length === this.#bytes.length;
    const head = headIn(this.#bytes, this.#at, this.#length);
    if (head === null) return isFull ? { kind: 'full' } : 'awaited';
    // The head of a frame shows what is wrong with it, before its payload comes.
    const reason = this.#violation(head);
    if (reason !== null) return { kind: 'broken', reason };
    const end = this.#at + head.payloadAt + head.payloadBytes;
    if (end > this.#bytes.length) return { kind: 'full' };
    if (end > this.#length) return 'awaited';
    const from = this.#at + head.payloadAt;
    this.#at = end;
    if (head.opcode < 0x8) return this.#fragment(head, from, end);
    // A copy, because later bytes may be moved to this place.
    return controlFrame(head.opcode, Buffer.from(this.#bytes.subarray(from, end)));
  }

  /** What in a head RFC 6455 §5 forbids; null where nothing. */
  #violation({ isFinal, opcode, isMasked, hasReservedBits, payloadBytes }: Head): string | null {
    if (isMasked) return 'a masked frame';
    if (hasReservedBits) return 'reserved bits that no extension uses';
    if (opcode > 0xa || (opcode > 0x2 && opcode < 0x8)) return `an unknown opcode (${opcode})`;
    if (opcode >= 0x8) {
      const isWhole = isFinal && payloadBytes <= MAX_CONTROL_BYTES;
      return isWhole ? null : 'a control frame in parts, or of more than 125 bytes';
    }
    if (opcode === 0 && this.#message === null) return 'a continuation of nothing';
    if (opcode !== 0 && this.#message !== null) return 'a message within a message';
    return null;
  }

  /** Joins fragments at the place of the first one: thousands cost no more than one. */
  #fragment({ isFinal, opcode }: Head, from: number, end: number): Frame | 'fragment' {
    const message = this.#message ?? { isText: opcode === 0x1, from, to: from };
    this.#bytes.copyWithin(message.to, from, end);
    message.to += end - from;
    this.#message = isFinal ? null : message;
    if (!isFinal) return 'fragment';
    if (!message.isText) return { kind: 'binary' };
    try {
      const bytes = this.#bytes.subarray(message.from, message.to);
      return { kind: 'text', text: this.#decoder.decode(bytes) };
    } catch {
      return { kind: 'broken', reason: 'text that is not UTF-8' };
    }
  }
}

function controlFrame(opcode: number, payload: Buffer): Frame {
  if (opcode === 0x9) return { kind: 'ping', payload };
  if (opcode === 0xa) return { kind: 'pong' };
  if (payload.length === 1) return { kind: 'broken', reason: 'half a close code' };
  const code = payload.length === 0 ? null : payload.readUInt16BE(0);
  return { kind: 'close', code, reason: payload.toString('utf8', 2) };
}

/** The head that begins at `at`; null while it is not complete. */
function headIn(bytes: Buffer, at: number, length: number): Head | null {
  const first = bytes[at];
  const second = bytes[at + 1];
  if (first === undefined || second === undefined || length - at < 2) return null;
  const size = sizeOf(bytes, at, length, second & 0x7f);
  if (size === null) return null;
  const isMasked = (second & 0x80) !== 0;
  const flags = { isFinal: (first & 0x80) !== 0, hasReservedBits: (first & 0x70) !== 0, isMasked };
  return { ...flags, ...size, opcode: first & 0x0f };
}

/** Where the payload of a frame begins, and its length; null while the head is not complete. */
function sizeOf(
  bytes: Buffer,
  at: number,
  length: number,
  announced: number,
): { readonly payloadAt: number; readonly payloadBytes: number } | null {
  if (announced < 126) return { payloadAt: 2, payloadBytes: announced };
  const payloadAt = announced === 126 ? 4 : 10;
  if (length - at < payloadAt) return null;
  // A double is exact far beyond the most that is read.
  const long = (): number => Number(bytes.readBigUInt64BE(at + 2));
  return { payloadAt, payloadBytes: announced === 126 ? bytes.readUInt16BE(at + 2) : long() };
}
