import { stringAfter } from './json-field.ts';
import type { SourceError } from './source-error.ts';

/** What only a development server of Nitro (Nuxt's server) has in its answer: a built app shows no stack. */
const STACK = /"stack": ?\[/;

/** The frame of the compiler that Nitro builds the server's files with. */
const COMPILER = /\besbuild\/lib\/main\.js:/;

/** The frame of the part that loads the modules of pages from Vite. */
const LOADER = /\b(?:vite-node|vite\/dist|@nuxt\/vite-builder)\//;

/** `/home/me/app/server/api/n.ts:2:41: ERROR: Unexpected ";"` */
const PLACED = /^(\/\S{1,500}?):(\d{1,7}):(\d{1,7}): ERROR: (.{1,500})$/;

/** `Cannot find module './x.js' imported from '/home/me/app/app/app.vue'`; Node's own has no quotes. */
const MISSING = /^(Cannot find module '[^']{1,500}') imported from '([^']{1,500})'$/;

/** `/app.vue — Unexpected token (2:11)` */
const OF_VUE = /^\/?([^\s/][^\s]{0,500}) — (.{1,500}) \((\d{1,7}):(\d{1,7})\)$/;

/**
 * The compile error in the JSON with which `nuxt dev` answers who does not ask for HTML; undefined for
 * anything else, also for an app that throws. Seen in Nuxt 4.4.5.
 */
export function readNitroAnswer(statusText: string, body: string): SourceError | undefined {
  if (!body.startsWith('{') || !STACK.test(body)) return undefined;
  const [first = '', second = ''] = messageLines(body);
  if (statusText === 'Vite Error') {
    const [, file, reason, line, column] = OF_VUE.exec(first) ?? [];
    return file === undefined
      ? undefined
      : { place: `${file}:${line}:${column}`, reason: reason ?? '' };
  }
  const [, path, line, column, reason] = COMPILER.test(body) ? (PLACED.exec(second) ?? []) : [];
  if (path !== undefined && first.startsWith('Transform failed with ')) {
    return { place: `${inProject(path)}:${line}:${column}`, reason: reason ?? '' };
  }
  const [, missing, importer] = LOADER.test(body) ? (MISSING.exec(first) ?? []) : [];
  return importer === undefined ? undefined : { place: inProject(importer), reason: missing ?? '' };
}

function messageLines(body: string): readonly string[] {
  const message = stringAfter(body, '"message": ') ?? stringAfter(body, '"message":') ?? '';
  return message.split('\n', 2).map((line) => line.trim());
}

/** Folders of a Nuxt project; what is above them shows this machine's folders. */
const FOLDERS = ['/server/', '/app/', '/pages/', '/components/', '/layers/'] as const;

/** The path below the project's folder, as well as it can be known; else its end. */
function inProject(path: string): string {
  const found = FOLDERS.map((folder) => path.lastIndexOf(folder)).filter((at) => at !== -1);
  return found.length === 0
    ? path.split('/').slice(-2).join('/')
    : path.slice(Math.min(...found) + 1);
}
