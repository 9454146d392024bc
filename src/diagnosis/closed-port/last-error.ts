import { relative } from 'node:path';
import type { BoundedFiles } from '../../os/bounded-files.ts';
import { compilerErrorIn } from './compiler-error.ts';

/** `SyntaxError: Unexpected token`, as Node and most others write it; `Error [ERR_MODULE_NOT_FOUND]: …`. */
const ERROR = /^(?:Uncaught )?[\w.]*(?:Error|Exception)\b.{0,40}: ./;

/** Source that a runtime cannot read or find: each start of the same files ends like this. */
const UNREADABLE =
  /\b(?:SyntaxError|IndentationError|TabError): .|\bCannot find (?:package|module) '/;

/** `/srv/app.ts:3:16: ERROR: Unexpected ";"`, as esbuild writes it, which tsx runs. */
const COMPILER_ERROR = /^([^\s:]{1,300}\.\w{1,5}):(\d{1,7})(?::\d{1,7})?: ERROR: (.+)$/;

/** `file:///srv/app.mjs:3` or `/srv/app.ts:3:1`, alone on a line. */
const PLACE = /^(?:file:\/\/)?([^\s:]{1,300}\.\w{1,5}):(\d{1,7})(?::\d{1,7})?$/;

/** Node writes up to ten calls below an error, and a program may add as many of its own lines. */
const MOST_LINES = 40;

/** A line may be long, and the sentence is for one line of a terminal. */
const MOST_CHARACTERS = 160;

/** What reads logs, within a deadline: they may be on a disk that hangs. */
export type LogFiles = Pick<BoundedFiles, 'logTail'>;

/** Where an app's last error may be. */
interface Logs {
  readonly errorLog: string | null;
  readonly outputLog: string | null;
  readonly cwd: string;
}

/**
 * The last error that an app wrote after `sinceWall` (wall milliseconds), with its file and line where
 * they stand above it; null where there is none. A compiler that watches writes to the standard output: what
 * it says there comes first, because it has not built what the app would run.
 */
export async function readLastError(
  { errorLog, outputLog, cwd }: Logs,
  sinceWall: number,
  files: LogFiles,
): Promise<string | null> {
  const output = await linesSince(outputLog, sinceWall, files);
  return compilerErrorIn(output) ?? lastErrorIn(await linesSince(errorLog, sinceWall, files), cwd);
}

/**
 * The same error, where it says that a source file cannot be read; null for any other. PM2 leaves a process of Node
 * running whose ES module could not be loaded, and nothing but its log says why it does not listen.
 */
export async function readSourceError(
  logs: Logs,
  sinceWall: number,
  files: LogFiles,
): Promise<string | null> {
  const error = await readLastError(logs, sinceWall, files);
  return error !== null && UNREADABLE.test(error) ? error.replace(/ imported from .*$/, '') : null;
}

async function linesSince(
  log: string | null,
  sinceWall: number,
  files: LogFiles,
): Promise<readonly string[]> {
  const tail = log === null ? null : await files.logTail(log, MOST_LINES);
  return tail === null || tail.writtenAt < sinceWall ? [] : tail.lines;
}

/** The same, from lines that are already read, the oldest first. */
export function lastErrorIn(lines: readonly string[], cwd: string): string | null {
  const at = lines.findLastIndex((line) => ERROR.test(line) || COMPILER_ERROR.test(line));
  const said = lines[at];
  if (said === undefined) return null;
  const [, source, sourceLine, what] = COMPILER_ERROR.exec(said) ?? [];
  const message = (what ?? said).slice(0, MOST_CHARACTERS);
  if (source !== undefined) return `${shortPath(source, cwd)}:${sourceLine} ${message}`;
  const place = lines
    .slice(0, at)
    .map((line) => PLACE.exec(line))
    .findLast((match) => match !== null);
  const [, path = '', line = ''] = place ?? [];
  return path === '' ? message : `${shortPath(path, cwd)}:${line} ${message}`;
}

function shortPath(path: string, cwd: string): string {
  const short = relative(cwd, path);
  return short === '' || short.startsWith('..') ? path : short;
}
