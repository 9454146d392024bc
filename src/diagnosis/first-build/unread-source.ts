import { join } from 'node:path';
import { stat } from 'node:fs/promises';
import { readLogTail } from '../../os/log-tail.ts';
import type { Observation } from '../../target/observation.ts';
import type { Clock } from '../../time/clock.ts';
import { withPatientTimeout } from '../../time/deadline.ts';
import { SavedSource } from '../closed-port/saved-source.ts';

/** Node writes up to ten calls below an error. */
const MOST_LINES = 40;

/** A line may be long, and the sentence is for one line of a terminal. */
const MOST_CHARACTERS = 160;

/** A file system over the network may never answer. */
const LOOK_MS = 1_000;

const ERROR = /^SyntaxError: ./;

/**
 * The first call below an error of the parser, for a module and for CommonJS. JSON that a program reads, an export
 * that is missing and code that it makes itself have others.
 */
const PARSER = /^at (?:compileSourceTextModule|wrapSafe|internalCompileFunction) \(node:internal\//;

/** What Node writes below an error. */
const BELOW = /^(?:at |\}|Node\.js v\d)/;

/** What an installer changes, in this order of likelihood. */
const MODULES = ['node_modules/.package-lock.json', 'node_modules'];

/**
 * Finds out that the present incarnation of a Node app cannot read its own source. PM2 leaves such a process
 * running where it is an ES module (DESIGN §11), so no crash shows it, and another start of the same files ends like this one.
 * A file of source that was saved since makes it worth one.
 */
export class UnreadSource {
  readonly #clock: Clock;
  readonly #saved: SavedSource;
  #incarnation: string | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#saved = new SavedSource(clock);
  }

  /** The error as Node wrote it after `sinceWall`; null where there is none, and where it may be fixed since. */
  async find(app: Observation, sinceWall = Number.NEGATIVE_INFINITY): Promise<string | null> {
    const { errorLog, startedAt, cwd, incarnation } = app;
    if (incarnation !== this.#incarnation) this.#saved.forget();
    this.#incarnation = incarnation;
    const tail = errorLog === null ? null : await readLogTail(errorLog, MOST_LINES);
    if (tail === null || tail.writtenAt < Math.max(startedAt, sinceWall)) return null;
    const error = parserErrorAtEnd(tail.lines);
    // What runs from another folder may be fixed there, where nobody looks.
    if (error === null || !runsBelow(app)) return null;
    if ((await this.#saved.isSaved(cwd, tail.writtenAt)) !== false) return null;
    return (await this.#isInstalled(cwd, tail.writtenAt)) ? null : error;
  }

  async #isInstalled(cwd: string, sinceWall: number): Promise<boolean> {
    const changes = MODULES.map((path) =>
      stat(join(cwd, path)).then(
        ({ mtimeMs, ctimeMs }) => Math.max(mtimeMs, ctimeMs),
        () => 0,
      ),
    );
    const look = Promise.all(changes).then((times) => times.some((time) => time > sinceWall));
    return withPatientTimeout(look, LOOK_MS, true, this.#clock);
  }
}

/**
 * The error of Node's parser that stands at the end of a log, without its place, which PM2 does not keep; null for
 * any other end. A program that runs writes more, and so does the next incarnation.
 */
export function parserErrorAtEnd(lines: readonly string[]): string | null {
  const at = lines.findLastIndex((line) => ERROR.test(line));
  const [said, first, ...rest] = at === -1 ? [] : lines.slice(at);
  if (said === undefined || first === undefined || !PARSER.test(first)) return null;
  return rest.every((line) => BELOW.test(line)) ? said.slice(0, MOST_CHARACTERS) : null;
}

/** Whether what PM2 runs lies below the folder in which it runs. */
function runsBelow({ command, cwd }: Observation): boolean {
  return cwd !== '/' && command.includes(` ${cwd}/`);
}
