import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { isFields } from '../../text/fields.ts';
import { BUCKET_BYTES, Buckets } from './buckets.ts';
import type { HistoryName } from './history.ts';
import { decodeRecords } from './minute-record.ts';

/** What a file holds. */
export interface HistoryFile extends HistoryName {
  readonly buckets: Buckets;
  /** Up to which time it goes; epoch milliseconds. */
  readonly filledTo: number;
  /** False where the end was cut off, by a power cut: the rest is as good as ever. */
  readonly isWhole: boolean;
}

/** The form of the files. A change of it needs a new number; an older program leaves such a file alone. */
const VERSION = 1;

/** The end of a file, in minutes, may get this long before the file is written as a whole again. */
export const MOST_TAIL_BYTES = 64 * 1024;

/** A file that is larger than this is not ours. */
export const MOST_FILE_BYTES = 200 * 1000;

/** The first line, which has the name of the app. */
const MOST_HEAD_BYTES = 64 * 1024;

/** The file of an app: safe for any name, and the same on every system. */
export function historyFileName({ name, instance }: HistoryName): string {
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 16);
  return `${hash}-${instance}.history`;
}

/** True for the name of one of our files, also of one that was set aside or is not finished. */
export function isHistoryFileName(file: string): boolean {
  return OURS.test(file);
}

const OURS = /^[0-9a-f]{16}-\d{1,10}\.history(?:\.bad-\d{1,20}|\.\d{1,20}\.tmp)?$/;

/** A whole file: a line of JSON, then the buckets. Minutes follow behind it later. */
export function encodeHistory(
  { name, instance }: HistoryName,
  { bytes }: Buckets,
  filledTo: number,
): Buffer {
  const head = {
    schemaVersion: VERSION,
    app: name,
    instance,
    filledTo: Math.round(filledTo),
    bytes: bytes.length,
    crc32: crc32(bytes),
  };
  return Buffer.concat([Buffer.from(`${JSON.stringify(head)}\n`), bytes]);
}

/** Reads a file; the reason where it cannot be used. Never throws. */
export function decodeHistory(file: Buffer): HistoryFile | string {
  const end = file.subarray(0, MOST_HEAD_BYTES).indexOf(0x0a);
  const head = end < 0 ? null : headOf(file.subarray(0, end).toString('utf8'));
  if (head === null) return 'is no history of an app';
  if (typeof head === 'string') return head;
  const body = file.subarray(end + 1, end + 1 + BUCKET_BYTES);
  if (body.length !== BUCKET_BYTES || crc32(body) !== head.crc32) return 'is damaged';
  const buckets = new Buckets(body);
  const { records, isWhole } = decodeRecords(file.subarray(end + 1 + BUCKET_BYTES));
  buckets.add(...records);
  let { filledTo } = head;
  for (const { minute } of records) filledTo = Math.max(filledTo, (minute + 1) * 60_000);
  return { name: head.name, instance: head.instance, buckets, filledTo, isWhole };
}

interface Head extends HistoryName {
  readonly filledTo: number;
  readonly crc32: number;
}

/** The first line; the reason where another program wrote it; null where none of ours did. */
function headOf(text: string): Head | string | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (!isFields(value)) return null;
  const { schemaVersion, app: name, instance, filledTo, bytes, crc32: sum } = value;
  if (typeof schemaVersion !== 'number' || typeof name !== 'string') return null;
  if (schemaVersion !== VERSION)
    return `has version ${schemaVersion}, and this program reads version 1`;
  const isOurs =
    Number.isInteger(instance) &&
    Number.isSafeInteger(filledTo) &&
    bytes === BUCKET_BYTES &&
    Number.isInteger(sum);
  if (!isOurs) return null;
  // as: all three are checked just above.
  return { name, instance: instance as number, filledTo: filledTo as number, crc32: sum as number };
}
