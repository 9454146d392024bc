import type { SourceError } from './source-error.ts';
import { SERVICE_GONE } from './vite-error.ts';

/** The reason phrase of Nuxt's answer where its Vite could not transform a module, since Nuxt 3.0. */
const VITE_ERROR = 'Vite Error';

/** What a source file ends with, and a position follows. */
const ENDINGS = ['.vue:', '.ts:', '.tsx:', '.mts:', '.js:', '.jsx:', '.mjs:'] as const;

/** Places looked at of each ending; those of Nuxt's own files come after the user's. */
const MAX_PLACES = 20;

/** The longest path that is read. */
const MAX_PATH_CHARS = 300;

/** Where a path begins in a page: after anything but these. */
const PATH_END = /[^\w./@+~$()[\]-]/;

/**
 * The compile error in the error page of `nuxt dev`, or undefined if the answer is anything else: only the
 * part of Nuxt that loads modules from Vite says `Vite Error`, and a built app has no such part. The page has
 * the place somewhere in its text, which differs from version to version.
 */
export function readNuxtPage(statusText: string, body: string): SourceError | undefined {
  if (statusText !== VITE_ERROR || SERVICE_GONE.some((words) => body.includes(words))) {
    return undefined;
  }
  const found = ENDINGS.flatMap((ending) => placeBefore(body, ending) ?? []);
  const [first] = found.sort((one, other) => one.at - other.at);
  return { place: first?.place ?? 'the page', reason: 'does not compile (Nuxt says Vite Error)' };
}

interface Found {
  readonly at: number;
  readonly place: string;
}

/** The first path with this ending that has a line after it and is the user's own. */
function placeBefore(body: string, ending: string): Found | undefined {
  let at = body.indexOf(ending);
  for (let places = 0; at !== -1 && places < MAX_PLACES; places += 1) {
    const end = at + ending.length;
    const position = /^\d{1,7}(?::\d{1,7})?/.exec(body.slice(end, end + 16))?.[0];
    const path = pathUpTo(body, end - 1);
    if (position !== undefined && path !== '' && !path.includes('node_modules')) {
      return { at, place: `${path}:${position}` };
    }
    at = body.indexOf(ending, end);
  }
  return undefined;
}

/** The path that ends here, without what stands before the project's folder. */
function pathUpTo(body: string, end: number): string {
  const before = body.slice(Math.max(0, end - MAX_PATH_CHARS), end);
  const parts = before.split(PATH_END);
  return (parts.at(-1) ?? '').replace(/^\.?\/+/, '');
}
