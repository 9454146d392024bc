import { plainWords } from './astro-error.ts';
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

/** What only a development server adds to Nuxt's page of an error. */
const OVERLAY = "'nuxt-error-overlay'";

/** What is before the message in that page. */
const BEFORE_MESSAGE = '</h2><p';

/** The longest message that is read in that page. */
const MAX_MESSAGE_CHARS = 2_000;

/**
 * The compile error in what `nuxt dev` answers, as JSON or as a page; undefined for anything else, also for
 * an app that throws. Seen in Nuxt 4.4.5.
 */
export function readNitroAnswer(statusText: string, body: string): SourceError | undefined {
  const isPage = body.includes(OVERLAY);
  if (!isPage && (!body.startsWith('{') || !STACK.test(body))) return undefined;
  const message = isPage ? messageInPage(body) : messageInJson(body);
  const [first = '', second = ''] = message.split('\n', 2).map((line) => line.trim());
  if (statusText === 'Vite Error') {
    const [, file, reason = '', line, column] = OF_VUE.exec(first) ?? [];
    return file === undefined ? undefined : { place: `${file}:${line}:${column}`, reason };
  }
  const [, path, line, column, reason = ''] = PLACED.exec(second) ?? [];
  if (path !== undefined && first.startsWith('Transform failed with ') && COMPILER.test(body)) {
    return { place: `${inProject(path)}:${line}:${column}`, reason };
  }
  const [, missing = '', importer] = isPage || LOADER.test(body) ? (MISSING.exec(first) ?? []) : [];
  return importer === undefined ? undefined : { place: inProject(importer), reason: missing };
}

function messageInJson(body: string): string {
  return stringAfter(body, '"message": ') ?? stringAfter(body, '"message":') ?? '';
}

function messageInPage(body: string): string {
  const begin = body.indexOf('>', body.indexOf(BEFORE_MESSAGE) + BEFORE_MESSAGE.length) + 1;
  const text = body.slice(begin, begin + MAX_MESSAGE_CHARS);
  return plainWords(text.slice(0, Math.max(0, text.indexOf('<'))));
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
