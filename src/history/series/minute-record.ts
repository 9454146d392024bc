import { crc32 } from 'node:zlib';
import { BINS } from './response-times.ts';

/** What is added to one minute of an app's history, and with it to its quarter hour and its hour. */
export interface MinuteRecord {
  /** Minutes since the epoch. */
  readonly minute: number;
  /** Whole milliseconds; negative where a later answer has shown that it was not so. */
  readonly upMs: number;
  readonly downMs: number;
  /** Probes that brought an answer. */
  readonly checks: number;
  /** How many good answers took how long, as pairs of a bin and a count. */
  readonly times: readonly (readonly [bin: number, count: number])[];
}

/** Before each record: its length (2 bytes) and its checksum (4 bytes). */
const HEAD = 6;
const FIXED = 15;

/** The most that a count can be. */
export const MOST_COUNT = 0xffff;

/** The latest minute of a file, in the year 9999. */
const LATEST_MINUTE = 4_223_375_999;

/** A record as the end of a file has it. */
export function encodeRecord({ minute, upMs, downMs, checks, times }: MinuteRecord): Buffer {
  const bytes = Buffer.alloc(HEAD + FIXED + 3 * times.length);
  const body = bytes.subarray(HEAD);
  body.writeUInt32LE(minute, 0);
  body.writeInt32LE(upMs, 4);
  body.writeInt32LE(downMs, 8);
  body.writeUInt16LE(Math.min(MOST_COUNT, checks), 12);
  body.writeUInt8(times.length, 14);
  for (const [at, [bin, count]] of times.entries()) {
    body.writeUInt8(bin, FIXED + 3 * at);
    body.writeUInt16LE(Math.min(MOST_COUNT, count), FIXED + 3 * at + 1);
  }
  bytes.writeUInt16LE(body.length, 0);
  bytes.writeUInt32LE(crc32(body), 2);
  return bytes;
}

/** The records of the end of a file, up to the first one that is not whole; `isWhole` is false where one is not. */
export function decodeRecords(bytes: Buffer): {
  readonly records: readonly MinuteRecord[];
  readonly isWhole: boolean;
} {
  const records: MinuteRecord[] = [];
  let at = 0;
  while (at < bytes.length) {
    const record = recordAt(bytes, at);
    if (record === null) return { records, isWhole: false };
    records.push(record);
    at += HEAD + FIXED + 3 * record.times.length;
  }
  return { records, isWhole: true };
}

function recordAt(bytes: Buffer, at: number): MinuteRecord | null {
  if (at + HEAD + FIXED > bytes.length) return null;
  const length = bytes.readUInt16LE(at);
  const body = bytes.subarray(at + HEAD, at + HEAD + length);
  if (body.length !== length || length < FIXED) return null;
  if (crc32(body) !== bytes.readUInt32LE(at + 2)) return null;
  const count = body.readUInt8(14);
  const minute = body.readUInt32LE(0);
  if (length !== FIXED + 3 * count || minute > LATEST_MINUTE) return null;
  const times = Array.from(
    { length: count },
    (_, n) => [body.readUInt8(FIXED + 3 * n), body.readUInt16LE(FIXED + 3 * n + 1)] as const,
  );
  if (times.some(([bin]) => bin >= BINS)) return null;
  const [upMs, downMs] = [body.readInt32LE(4), body.readInt32LE(8)];
  return { minute, upMs, downMs, checks: body.readUInt16LE(12), times };
}
