import { singleLine } from '../../text/single-line.ts';
import { moduleScriptsOf } from './html.ts';

/** The text before the JSON of the error. */
const ERROR = 'const error = ';

/** The most that is read of one text of an error; its first lines have the reason. */
const MAX_FIELD_CHARS = 8_192;

/** What Vite's error page says about one error. */
interface ViteError {
  readonly message: string;
  /** The module Vite was working on, as an absolute path. */
  readonly id?: string;
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
}

/**
 * The error in the page of Vite's own error middleware; undefined for any other page. Seen in Vite 7.1, 7.3
 * and 8.3: one line of JSON, `const error = {…}`, beside its overlay.
 */
export function readErrorPage(body: string): ViteError | undefined {
  if (!body.includes('ErrorOverlay')) return undefined;
  const begin = body.indexOf(ERROR);
  if (begin === -1) return undefined;
  const end = body.indexOf('\n', begin);
  return readFields(body.slice(begin + ERROR.length, end === -1 ? undefined : end));
}

/**
 * The name of a source error in the page of a framework on top of Vite, which loads Vite's client to show the
 * error; undefined for any other page. Seen in Astro 5, whose page has only a title and that script; the
 * title is `undefined` where the error has no name.
 */
export function readFrameworkError(body: string): string | undefined {
  if (!moduleScriptsOf(body).some((source) => source.endsWith('/@vite/client'))) return undefined;
  const title = singleLine(titleOf(body), 80);
  return title === '' || title === 'undefined' ? 'an error' : title;
}

/** True for the message of the transformer when its process is gone; it never comes back (Vite ≤ 7). */
export function isServiceGone(message: string): boolean {
  return /^\s*The service (?:is no longer running|was stopped)/.test(message);
}

/**
 * One line about a module that cannot be served, in terms of the project:
 * `src/App.tsx:12:5 Unexpected token`. `name` is the module's path below the project's root.
 */
export function describeError(error: ViteError, name: string): string {
  const root =
    error.id?.endsWith(`/${name}`) === true ? error.id.slice(0, -name.length) : undefined;
  const file = relativeTo(root, error.file ?? error.id, name);
  const message = root === undefined ? error.message : error.message.replaceAll(root, '');
  const position = positionOf(error);
  return `${file}${position === '' ? '' : `:${position}`} ${reasonOf(message)}`;
}

/**
 * Reads the fields of the error one by one, and not the whole as JSON, which may be half a megabyte, deeply
 * nested, or cut at our cap. A quote within a text has a backslash before it, so `"id":` can only be the key.
 */
function readFields(json: string): ViteError {
  const id = stringAfter(json, '"id":');
  const { file, line, column } = objectAfter(json, '"loc":');
  return {
    message: stringAfter(json, '"message":') ?? 'error',
    // Vite 8's built-in plugins sometimes put an object here.
    ...(id === undefined ? {} : { id: upTo(id, /[?#]/) }),
    ...(typeof file === 'string' ? { file } : {}),
    ...(typeof line === 'number' ? { line } : {}),
    ...(typeof column === 'number' ? { column } : {}),
  };
}

/** The text after a key, up to the cap; undefined where no text follows. */
function stringAfter(json: string, key: string): string | undefined {
  const begin = json.indexOf(`${key}"`);
  if (begin === -1) return undefined;
  const literal = json.slice(begin + key.length, begin + key.length + MAX_FIELD_CHARS);
  let end = 1;
  while (end < literal.length && literal[end] !== '"') {
    const step = literal[end] !== '\\' ? 1 : literal[end + 1] === 'u' ? 6 : 2;
    if (end + step > literal.length) break; // drop an escape that was cut in two
    end += step;
  }
  const text = parsed(`${literal.slice(0, end)}"`);
  return typeof text === 'string' ? text : undefined;
}

/** The small object after a key; empty where there is none. */
function objectAfter(json: string, key: string): Readonly<Record<string, unknown>> {
  const begin = json.indexOf(`${key}{`);
  const literal =
    begin === -1 ? '' : json.slice(begin + key.length, begin + key.length + MAX_FIELD_CHARS);
  let end = -1;
  // The name of a file may have a brace.
  for (let tries = 0; tries < 5; tries += 1) {
    end = literal.indexOf('}', end + 1);
    if (end === -1) break;
    const value = parsed(literal.slice(0, end + 1));
    if (typeof value === 'object' && value !== null) return { ...value };
  }
  return {};
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined; // not JSON after all
  }
}

/** The text before the first match. */
function upTo(text: string, mark: RegExp): string {
  const end = text.search(mark);
  return end === -1 ? text : text.slice(0, end);
}

/** The title of a page; empty where it has none. */
function titleOf(body: string): string {
  const begin = body.indexOf('<title>');
  const end = body.indexOf('<', begin + 1);
  return begin === -1 || !body.startsWith('</title>', end) ? '' : body.slice(begin + 7, end);
}

/**
 * The path below the project's root; for a path outside, only its end, because the rest shows this machine's
 * folders.
 */
function relativeTo(root: string | undefined, file: string | undefined, name: string): string {
  if (file === undefined || file.endsWith(`/${name}`)) return name;
  if (root !== undefined && file.startsWith(root)) return file.slice(root.length);
  return file.split('/').slice(-2).join('/');
}

/** `line:column`, from the error's own fields or from the frame in its message (Vite 8). */
function positionOf({ message, line, column }: ViteError): string {
  if (line !== undefined) return column === undefined ? `${line}` : `${line}:${column}`;
  const [, inLine, inColumn] = /[^\s:]\.\w{1,8}:(\d+):(\d+)/.exec(message) ?? [];
  return inLine === undefined ? '' : `${inLine}:${inColumn}`;
}

/** The first line with content, without prefixes of tools. */
function reasonOf(message: string): string {
  const lines = message.split('\n').map((line) => line.trim());
  const line = lines.find((text) => text !== '' && !/^\w+ failed with \d+ errors?:?$/.test(text));
  return (line ?? message).replace(/^\[[A-Z_]+\]\s*/, '').replace(/^\S*:\d+:\d+: ERROR: /, '');
}
