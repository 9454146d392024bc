import { oneLine } from './one-line.ts';

/** What Vite's error page tells about one error. */
export interface ViteError {
  readonly message: string;
  /** The module Vite was working on, as an absolute path. */
  readonly id?: string;
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
}

/**
 * The error in the page of Vite's own error middleware, or undefined if the page is someone else's.
 * Read in Vite 7.1, 7.3 and 8.3: one line of JSON, `const error = {…}`, beside its overlay.
 */
export function readErrorPage(body: string): ViteError | undefined {
  if (!body.includes('ErrorOverlay')) return undefined;
  const json = /const error = (\{.*)/.exec(body)?.[1];
  if (json === undefined) return undefined;
  return readJson(json.trim()) ?? { message: firstString(json, 'message') ?? 'error' };
}

/**
 * What a framework on top of Vite calls an error of the source, in a page that loads Vite's client so
 * that the error itself can follow it; undefined for any other page. Read in Astro 5, which answers
 * nothing but a title and that script; the title is `undefined` where the error has no name.
 */
export function readFrameworkError(body: string): string | undefined {
  if (!/<script\b[^>]*\bsrc="[^"]*\/@vite\/client"/.test(body)) return undefined;
  const title = oneLine(/<title>([^<]+)<\/title>/.exec(body)?.[1] ?? '', 80);
  return title === '' || title === 'undefined' ? 'an error' : title;
}

/** The message of the transformer's client when its process is gone; it never comes back (Vite ≤ 7). */
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

function readJson(json: string): ViteError | undefined {
  try {
    const value: unknown = JSON.parse(json);
    if (!isRecord(value) || typeof value['message'] !== 'string') return undefined;
    const loc = isRecord(value['loc']) ? value['loc'] : {};
    return {
      message: value['message'],
      // Vite 8's built-in plugins put an object here at times.
      ...(typeof value['id'] === 'string' ? { id: value['id'].replace(/[?#].*$/, '') } : {}),
      ...(typeof loc['file'] === 'string' ? { file: loc['file'] } : {}),
      ...(typeof loc['line'] === 'number' ? { line: loc['line'] } : {}),
      ...(typeof loc['column'] === 'number' ? { column: loc['column'] } : {}),
    };
  } catch {
    return undefined; // cut off at our cap, or not JSON after all
  }
}

/** A string field of JSON that was cut off later on. */
function firstString(json: string, field: string): string | undefined {
  const literal = new RegExp(`"${field}":("(?:[^"\\\\]|\\\\.)*")`).exec(json)?.[1];
  if (literal === undefined) return undefined;
  try {
    return String(JSON.parse(literal));
  } catch {
    return undefined;
  }
}

/** A path below the root where it is one; else its end, because the rest is this machine's business. */
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

/** The first line that says something, without what tools put before it. */
function reasonOf(message: string): string {
  const lines = message.split('\n').map((line) => line.trim());
  const line = lines.find((text) => text !== '' && !/^\w+ failed with \d+ errors?:?$/.test(text));
  return (line ?? message).replace(/^\[[A-Z_]+\]\s*/, '').replace(/^\S*:\d+:\d+: ERROR: /, '');
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
