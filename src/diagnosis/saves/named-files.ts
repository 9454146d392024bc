import { isAbsolute, join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Of an error's text; what an app writes can be of any length. */
const MOST_CHARACTERS = 16_384;

/** The newest error names what matters in its first lines; what came before it is old. */
const MOST_FILES = 8;

/** No path that a person saves is longer. */
const MOST_PATH = 1_024;

/** What parts words in an error: white space, quotes, brackets. */
const PARTS = /[\s'"`()[\]{}<>|,;]+/;

/** `:3:5` behind a name, and the colon or the dot of the sentence. */
const PLACE = /(?:[:(]\d+){0,2}[:.)]*$/;

const EXTENSION = /\.[A-Za-z]\w{0,9}$/;

/** Stands for one of the folders in a text, whose name may have spaces in it. */
const MARK = '\u0001';

/**
 * The files of an app that its errors name, newest first: as an absolute path, as a file URL, or relative
 * to one of its `folders` (the same folder, as PM2 and as the app names it). The text is the app's own
 * and may hold anything: a name that leads out of the folders, and one of a package, are left out.
 */
export function filesNamedIn(text: string, folders: readonly string[]): readonly string[] {
  const found = new Set<string>();
  for (const word of wordsIn(text.slice(-MOST_CHARACTERS), folders)) {
    const [, index, rest = ''] = word.split(MARK, 3);
    const given = index === undefined ? null : folders[Number(index)];
    const paths = given ? [join(given, rest)] : folders.map((folder) => resolve(folder, word));
    for (const path of paths) {
      if (found.size < MOST_FILES && folders.some((folder) => isOwn(path, folder))) found.add(path);
    }
  }
  return [...found];
}

/** Words that look like names of files, newest first; a folder at their beginning is `MARK` and its number. */
function wordsIn(text: string, folders: readonly string[]): readonly string[] {
  let marked = text.replaceAll(MARK, ' ');
  for (const [index, folder] of folders.entries()) {
    const mark = `${MARK}${index}${MARK}`;
    for (const name of [pathToFileURL(folder).href, folder]) {
      marked = marked.replaceAll(`${name}/`, mark).replaceAll(`${name}\\`, mark);
    }
  }
  return marked
    .split(PARTS)
    .toReversed()
    .filter((part) => part.length > 0 && part.length <= MOST_PATH)
    .map((part) => decoded(part.replace(PLACE, '')))
    .filter((word) => EXTENSION.test(word) && !/^\w+:/.test(word));
}

function decoded(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function isOwn(path: string, folder: string): boolean {
  const inside = relative(folder, path);
  const isInside = inside !== '' && !inside.startsWith('..') && !isAbsolute(inside);
  return isInside && !/(?:^|[\\/])node_modules[\\/]/.test(inside) && !inside.includes('\0');
}
