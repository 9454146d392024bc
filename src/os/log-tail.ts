import { constants } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { stripVTControlCharacters } from 'node:util';
import { singleLineCommand } from '../text/single-line.ts';

/** The end of a log file. */
export interface LogTail {
  /** When it was last written to, in wall milliseconds. */
  readonly writtenAt: number;
  /** The last lines that are not blank, oldest first, without control sequences for a terminal. */
  readonly lines: readonly string[];
}

const MOST_BYTES = 8_192;
const MOST_LINES = 10;

/** Of one line; `singleLineCommand` keeps 200 characters. */
const MOST_CHARS = 800;

/** Opening must not wait, as it would at a pipe without a writer. */
const FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/** The last bytes of a file as text; empty where the file is missing or cannot be read. */
export async function readEnd(path: string, mostBytes: number): Promise<string> {
  return (await endOf(path, mostBytes))?.text ?? '';
}

/** The bytes of a file; 0 where it is missing or cannot be read. */
export async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}

/**
 * Reads the last lines of a log, and of them only what is behind its first `from` bytes; all of a log that is
 * shorter, because it was emptied. Null where the file is missing, has nothing there or cannot be read.
 */
export async function readLogTail(
  path: string,
  mostLines = MOST_LINES,
  from = 0,
): Promise<LogTail | null> {
  const end = await endOf(path, MOST_BYTES, from);
  if (end === null) return null;
  const lines = linesOf(end.text, end.isCut, mostLines);
  return lines.length === 0 ? null : { writtenAt: end.writtenAt, lines };
}

async function endOf(
  path: string,
  mostBytes: number,
  from = 0,
): Promise<{ text: string; isCut: boolean; writtenAt: number } | null> {
  try {
    const file = await open(path, FLAGS);
    try {
      const { size, mtimeMs } = await file.stat();
      const newBytes = size < from ? size : size - from;
      const length = Math.min(newBytes, mostBytes);
      const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, size - length);
      const text = buffer.toString('utf8', 0, bytesRead);
      return { text, isCut: newBytes > length, writtenAt: mtimeMs };
    } finally {
      await file.close();
    }
  } catch {
    return null;
  }
}

function linesOf(text: string, isCut: boolean, mostLines: number): string[] {
  const lines = text.split(/[\r\n]+/);
  return (
    lines
      .slice(isCut && lines.length > 1 ? 1 : 0)
      // Cut first: Node's expression does not take linear time.
      .map((line) => singleLineCommand(stripVTControlCharacters(line.slice(0, MOST_CHARS))))
      .filter((line) => line !== '')
      .slice(-mostLines)
  );
}
