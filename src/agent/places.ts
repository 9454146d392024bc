import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RunningFrame } from './profile.ts';
import type { Frame } from './shapes.ts';
import { parseSourceMap, type SourceLookUp, type SourcePlace } from './source-map.ts';

/** A file or a map that is longer is not read. */
const MOST_BYTES = 8 * 1024 * 1024;

/** At most this many files are read for one answer. */
const MOST_FILES = 8;

const MAP_COMMENT = '//# sourceMappingURL=';
const INLINE = /^data:application\/json[^,]*;base64,/;

/** Shows frames in the app's own sources, as far as source maps say where those are. */
export class Places {
  readonly #cwd: string;
  readonly #until: number;
  readonly #mapUrls: ReadonlyMap<string, string>;
  readonly #lookUps = new Map<string, SourceLookUp | null>();

  /**
   * No map is read after `until`, on this thread's `performance.now()`; `mapUrls` has where scripts that run name
   * their maps.
   */
  constructor(cwd: string, until: number, mapUrls: ReadonlyMap<string, string>) {
    this.#cwd = cwd;
    this.#until = until;
    this.#mapUrls = mapUrls;
  }

  async show(frame: RunningFrame): Promise<Frame> {
    const { name, url, line, column } = frame;
    if (!isFile(url)) return { name, file: url, line };
    let lookUp = this.#lookUps.get(url);
    if (lookUp === undefined) {
      const mayRead = this.#lookUps.size < MOST_FILES && performance.now() < this.#until;
      lookUp = mayRead ? await readMap(url, this.#mapUrls.get(url)).catch(() => null) : null;
      this.#lookUps.set(url, lookUp);
    }
    const place = line === null ? null : (lookUp?.(line, column) ?? null);
    if (place === null) return { name, file: this.#shown(pathOf(url)), line };
    return { name, file: this.#shown(sourcePath(place, url)), line: place.line };
  }

  /** The same of several, one after the other. */
  async showAll(frames: readonly RunningFrame[]): Promise<readonly Frame[]> {
    const shown: Frame[] = [];
    for (const frame of frames) shown.push(await this.show(frame));
    return shown;
  }

  /** Below the app's folder without it. */
  #shown(path: string): string {
    const below = relative(this.#cwd, path);
    return below === '' || below.startsWith('..') ? path : below;
  }
}

function isFile(url: string): boolean {
  return url.startsWith('file:') || url.startsWith('/');
}

function pathOf(url: string): string {
  try {
    return url.startsWith('file:') ? fileURLToPath(url) : url;
  } catch {
    return url;
  }
}

function sourcePath({ source }: SourcePlace, url: string): string {
  return pathOf(new URL(source, fileUrlOf(url)).href);
}

function fileUrlOf(url: string): string {
  return url.startsWith('file:') ? url : `file://${url}`;
}

async function readMap(url: string, known: string | undefined): Promise<SourceLookUp | null> {
  const named = known ?? nameIn(await readText(pathOf(url)));
  if (named === null) return null;
  const inline = INLINE.exec(named)?.[0];
  if (inline !== undefined)
    return parseSourceMap(Buffer.from(named.slice(inline.length), 'base64').toString('utf8'));
  const place = new URL(named, fileUrlOf(url));
  return place.protocol === 'file:' ? parseSourceMap(await readText(fileURLToPath(place))) : null;
}

function nameIn(text: string): string | null {
  const at = text.lastIndexOf(MAP_COMMENT);
  if (at < 0) return null;
  return text.slice(at + MAP_COMMENT.length).split(/\s/, 1)[0] ?? null;
}

async function readText(path: string): Promise<string> {
  // Without O_NONBLOCK a named pipe, which an app could name, would never be opened.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const found = await file.stat();
    if (!found.isFile() || found.size > MOST_BYTES) return '';
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}
