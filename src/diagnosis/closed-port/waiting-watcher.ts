import type { ProcessFacts } from '../../os/os-reader.ts';
import type { Tree } from '../cpu-load.ts';

/** A program that runs the app again when a file is saved, and has nothing running now. */
export interface Watcher {
  readonly pid: number;
  /** Its name for a person, such as `nodemon`. */
  readonly name: string;
  /** Wall milliseconds. */
  readonly startedAtMs: number;
}

/** Watchers that wait for a saved file when their app ends, by their command line. */
const WATCHERS: readonly (readonly [name: string, command: RegExp])[] = [
  ['nodemon', /(?:^|[/\\\s])nodemon(?:\.js)?(?:\s|$)/],
  ['tsx watch', /(?:^|[/\\\s])tsx(?:[/\\]dist[/\\]cli\.[cm]?js)?\s+watch\s/],
  ['nest start --watch', /(?:^|[/\\\s])nest(?:\.js)?\s+start\s(?:.*\s)?(?:--watch|-w)(?:\s|$)/],
  ['ts-node-dev', /(?:^|[/\\\s])(?:ts-node-dev|tsnd)(?:\s|$)/],
  ['bun --watch', /^\S*bun\s(?:.*\s)?--(?:watch|hot)\s/],
  ['deno --watch', /^\S*deno\s(?:.*\s)?--watch(?:[=\s]|$)/],
];

/** Node's options before the script that take a value as the next word. */
const WITH_VALUE: ReadonlySet<string> = new Set(['-r', '--require', '--import', '-C', '--loader']);

/**
 * The watcher in a tree that has no process of the app left; null where there is none. A watcher has
 * children while the app runs, and a shell or npm around it always has one.
 */
export function findWaitingWatcher(trees: readonly Tree[]): Watcher | null {
  for (const process of trees.flat()) {
    const name = process.state === 'zombie' ? null : watcherName(process.command);
    if (name === null || hasApp(process, trees)) continue;
    return { pid: process.pid, name, startedAtMs: process.startedAtMs };
  }
  return null;
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
    if (WITH_VALUE.has(word)) at += 1;
  }
  return false;
}

/** A compiler that a watcher keeps beside itself is not the app. */
function hasApp({ pid }: ProcessFacts, trees: readonly Tree[]): boolean {
  return trees
    .flat()
    .some(
      (child) =>
        child.ppid === pid &&
        child.state !== 'zombie' &&
        !/[/\\]esbuild(?:\.exe)?\s--service/.test(child.command),
    );
}
