import { isAstroError, isMissingImport, plainWords } from './astro-error.ts';
import { objectAfter, stringAfter } from './json-field.ts';

/** The text before the JSON of the error. */
const ERROR = 'const error = ';

/** What Vite's error page says about one error. */
export interface ViteError {
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

/** The error in a message of hot reload, `{"type":"error","err":{…}}`; undefined for any other message. */
export function readHotError(text: string): ViteError | undefined {
  if (text.startsWith('{"type":"error"')) return readFields(text);
  if (!isAstroError(text)) return undefined;
  const error = readFields(text, plainWords);
  if (error.id !== undefined || error.file === undefined || !isMissingImport(text)) return error;
  return { ...error, id: error.file };
}

/** What Vite ≤ 7 says of every file when the process of its transformer is gone, which never comes back. */
export const SERVICE_GONE = [
  'The service is no longer running',
  'The service was stopped',
] as const;

/** True for the message of the transformer when its process is gone. */
export function isServiceGone(message: string): boolean {
  const text = message.trimStart();
  return SERVICE_GONE.some((words) => text.startsWith(words));
}

/**
 * One line about a module that cannot be served, in terms of the project:
 * `src/App.tsx:12:5 Unexpected token`. `name` is the module's path below the project's root.
 */
export function describeError(error: ViteError, name: string): string {
  const root =
    error.id?.endsWith(`/${name}`) === true ? error.id.slice(0, -name.length) : undefined;
  const file = relativeTo(root, fileOf(error), name);
  const message = root === undefined ? error.message : error.message.replaceAll(root, '');
  const position = positionOf(error);
  const reason = withoutPlace(reasonOf(message), error.id ?? '');
  return `${file}${position === '' ? '' : `:${position}`} ${reason}`;
}

/**
 * Reads the fields of the error one by one, and not the whole as JSON, which may be half a megabyte, deeply
 * nested, or cut at our cap. A quote within a text has a backslash before it, so `"id":` can only be the key.
 */
function readFields(json: string, plain = (words: string): string => words): ViteError {
  const message = plain(stringAfter(json, '"message":') ?? 'error');
  const id = stringAfter(json, '"id":') ?? importerIn(message);
  const { file, line, column } = objectAfter(json, '"loc":');
  return {
    message,
    // Vite 8's built-in plugins sometimes put an object here.
    ...(id === undefined ? {} : { id: upTo(id, /[?#]/) }),
    ...(typeof file === 'string' ? { file } : {}),
    ...(typeof line === 'number' ? { line } : {}),
    ...(typeof column === 'number' ? { column } : {}),
  };
}

/**
 * The file whose import leads nowhere, where the page is rendered on the server: such an error names no `id`.
 * Seen in Vite 7.3 and 8.3, for a package or an alias, and for a relative path.
 */
function importerIn(message: string): string | undefined {
  const isRelative = message.startsWith('Failed to load url ');
  if (!isRelative && !message.startsWith("Cannot find module '")) return undefined;
  const [before, after] = isRelative
    ? [' in ', '. Does the file exist?']
    : ["' imported from '", "'"];
  const begin = message.indexOf(before);
  const end = message.indexOf(after, begin + before.length);
  return begin === -1 || end === -1 ? undefined : message.slice(begin + before.length, end);
}

/** The text before the first match. */
function upTo(text: string, mark: RegExp): string {
  const end = text.search(mark);
  return end === -1 ? text : text.slice(0, end);
}

/** Where frameworks have the user's source; nearly all of what is below them is of the project. */
const SOURCE_FOLDERS = ['/src/', '/app/'] as const;

/** The file of the error; Svelte names it without its folder. */
function fileOf({ file, id }: ViteError): string | undefined {
  return file === undefined || id?.endsWith(`/${file}`) === true ? id : file;
}

/**
 * The path below the project's root; for a path outside, only its end, because the rest shows this machine's
 * folders.
 */
function relativeTo(root: string | undefined, file: string | undefined, name: string): string {
  if (file === undefined || file.endsWith(`/${name}`)) return name;
  if (root !== undefined && file.startsWith(root)) return file.slice(root.length);
  const folder = Math.max(...SOURCE_FOLDERS.map((each) => file.lastIndexOf(each)));
  return folder === -1 ? file.split('/').slice(-2).join('/') : file.slice(folder + 1);
}

/**
 * What Vite says of JavaScript that is not transformed, on the server. The place with it is that of the first
 * character of the file, and not that of the mistake (Vite 8 says 1:0, Astro 1:1).
 */
const NOT_PARSED = 'Failed to parse source for import analysis because the content contains ';

/** `line:column`, from the error's own fields or from the frame in its message (Vite 8); empty where it is not known. */
function positionOf({ message, line, column }: ViteError): string {
  // A place that is not true sends a person to the wrong line.
  if (message.startsWith(NOT_PARSED) && line === 1 && (column ?? 0) <= 1) return '';
  if (line !== undefined) return column === undefined ? `${line}` : `${line}:${column}`;
  const [, inLine, inColumn] = /[^\s:]\.\w{1,8}:(\d+):(\d+)/.exec(message) ?? [];
  return inLine === undefined ? '' : `${inLine}:${inColumn}`;
}

/** A reason without the file that Svelte begins with and Vite's module runner ends with. */
function withoutPlace(reason: string, id: string): string {
  if (id === '') return reason;
  if (reason.startsWith(id)) return reason.slice(id.length).replace(/^[:\d]*\s/, '');
  return reason.replace(` imported from '${id}'`, '').replace(` in ${id}.`, '.');
}

/** A line that only says that a list follows. */
const FAILED = /^(?:Parse failure: )?\w+ failed with \d+ errors?:?$/;

/** The first line with content, without prefixes of tools. */
function reasonOf(message: string): string {
  const lines = message.split('\n').map((line) => line.trim());
  const line = lines.find((text) => text !== '' && !FAILED.test(text));
  return (line ?? message)
    .replace(NOT_PARSED, '')
    .replace(/^\[[A-Z_]+\]\s*/, '')
    .replace(/^\S*:\d+:\d+: ERROR: /, '');
}
