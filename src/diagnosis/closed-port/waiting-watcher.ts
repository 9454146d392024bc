import { NODE_OPTIONS_WITH_VALUE } from '../../os/node-options.ts';
import type { OsReader, ProcessFacts } from '../../os/os-reader.ts';
import type { Observation } from '../../target/observation.ts';
import { loadOf, type Tree } from '../cpu-load.ts';
import type { Now } from './births.ts';

/** A program that runs the app again when a file is saved, and has nothing running now. */
export interface Watcher {
  readonly pid: number;
  /** Its name for a person, such as `nodemon`. */
  readonly name: string;
  /** How long it has run. */
  readonly ageMs: number;
}

/** Watchers that wait for a saved file when their app ends, by their command line or PM2's words for it. */
const WATCHERS: readonly (readonly [name: string, command: RegExp])[] = [
  ['nodemon', /(?:^|[/\\\s])nodemon(?:\.js)?(?:\s|$)/],
  ['tsx watch', /(?:^|[/\\\s])tsx(?:[/\\]dist[/\\]cli\.[cm]?js)?\s+watch\s/],
  ['nest start --watch', /(?:^|[/\\\s])nest(?:\.js)?\s+start\s(?:.*\s)?(?:--watch|-w)(?:\s|$)/],
  ['ts-node-dev', /(?:^|[/\\\s])(?:ts-node-dev(?:[/\\]lib[/\\]bin(?:\.js)?)?|tsnd)(?:\s|$)/],
  ['node-dev', /(?:^|[/\\\s])node-dev(?:\.js)?(?:\s|$)/],
  ['vite-node --watch', /(?:^|[/\\\s])vite-node(?:\.mjs)?\s(?:.*\s)?(?:--watch|-w)(?:\s|$)/],
  ['bun --watch', /^\S*bun\s(?:.*\s)?--(?:watch|hot)\s/],
  ['deno --watch', /^\S*deno\s(?:.*\s)?--watch(?:[=\s]|$)/],
];

/** A watcher that has just been started has not started the app yet. */
const STARTS_MS = 10_000;

/** Names are known of at most this many processes. */
const MOST_KNOWN = 100;

/**
 * Finds the watcher of one app that has nothing left to run. Command lines never change, and to read
 * them costs a look at all processes: it is done once for each process that may be a watcher.
 */
export class WaitingWatchers {
  readonly #reader: Pick<OsReader, 'processes'>;
  /** By pid and birth; null for a process that is no watcher. */
  readonly #names = new Map<string, string | null>();
  /** The last look; a process that worked since then is not waiting. */
  #look: { readonly at: number; readonly trees: readonly Tree[] } | null = null;

  constructor(reader: Pick<OsReader, 'processes'>) {
    this.#reader = reader;
  }

  /**
   * The watcher that waits; null where there is none. A watcher has children while the app runs, and a
   * shell or npm around it always has one. One that is busy compiles what it is about to run.
   */
  async find(app: Observation, trees: readonly Tree[], now: Now): Promise<Watcher | null> {
    const before = this.#look;
    this.#look = { at: now.mono, trees };
    const leaves = leavesOf(trees).filter(({ startedAtMs }) => now.wall - startedAtMs >= STARTS_MS);
    const unknown = leaves.filter((process) => !this.#names.has(keyOf(process)));
    if (unknown.length > 0) await this.#read(unknown, app);
    for (const process of leaves) {
      const name = this.#names.get(keyOf(process));
      if (!name) continue;
      const isBusy =
        before !== null && loadOf(before.trees, [[process]], now.mono - before.at) === 'busy';
      if (!isBusy) return { pid: process.pid, name, ageMs: now.wall - process.startedAtMs };
    }
    return null;
  }

  async #read(unknown: readonly ProcessFacts[], app: Observation): Promise<void> {
    const table = await this.#reader.processes(unknown.map(({ pid }) => pid));
    if (this.#names.size >= MOST_KNOWN) this.#names.clear();
    for (const process of unknown) {
      const command = table?.get(process.pid)?.command;
      if (command === undefined) continue;
      // PM2's own process of a Node app shows a title in place of its command line.
      const name =
        watcherName(command) ?? (process.pid === app.pid ? watcherName(app.command) : null);
      this.#names.set(keyOf(process), name);
    }
  }
}

/** The name of the watcher that a command line starts; null for any other program. */
export function watcherName(command: string): string | null {
  if (isNodeWatch(command)) return 'node --watch';
  return WATCHERS.find(([, pattern]) => pattern.test(command))?.[0] ?? null;
}

/** `node --watch app.js`, and not `node app.js --watch`. */
function isNodeWatch(command: string): boolean {
  const [program = '', ...words] = command.split(' ');
  if (!/(?:^|[/\\])node(?:js|\.exe)?$/.test(program)) return false;
  for (let at = 0; at < words.length && words[at]?.startsWith('-') === true; at += 1) {
    const word = words[at] ?? '';
    if (word === '--watch' || word.startsWith('--watch-path')) return true;
    if (NODE_OPTIONS_WITH_VALUE.has(word)) at += 1;
  }
  return false;
}

/** The living processes of an app that have no living child; a compiler beside the app is none. */
function leavesOf(trees: readonly Tree[]): readonly ProcessFacts[] {
  const living = trees
    .flat()
    .filter(({ state, command }) => state !== 'zombie' && !isTool(command));
  const parents = new Set(living.map(({ ppid }) => ppid));
  return living.filter(({ pid }) => !parents.has(pid));
}

/** By its name alone, or its command line. */
function isTool(command: string): boolean {
  return /^(?:\S*[/\\])?esbuild(?:\.exe)?(?:\s|$)/.test(command);
}

function keyOf({ pid, birth }: ProcessFacts): string {
  return `${pid} ${birth}`;
}
