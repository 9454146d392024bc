import { join } from 'node:path';
import type { BoundedFiles } from '../../os/bounded-files.ts';
import type { Observation } from '../../target/observation.ts';
import type { Clock } from '../../time/clock.ts';
import { SavedSource } from '../closed-port/saved-source.ts';

/** Node writes up to ten calls below an error. */
const MOST_LINES = 40;

/** A line may be long, and the sentence is for one line of a terminal. */
const MOST_CHARACTERS = 160;

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
  readonly #files: Pick<BoundedFiles, 'look' | 'mark' | 'logTail'>;
  readonly #saved: SavedSource;
  #incarnation: string | null = null;
  /** What was found last of this incarnation. */
  #found: string | null = null;

  constructor(clock: Clock, files: Pick<BoundedFiles, 'look' | 'mark' | 'logTail'>) {
    this.#files = files;
    this.#saved = new SavedSource(clock, files);
  }

  /** The error as Node wrote it after `sinceWall`; null where there is none, and where it may be fixed since. */
  async find(app: Observation, sinceWall = Number.NEGATIVE_INFINITY): Promise<string | null> {
    const { startedAt, incarnation } = app;
    if (incarnation !== this.#incarnation) {
      this.#saved.forget();
      this.#found = null;
    }
    this.#incarnation = incarnation;
    this.#found = await this.#look(app, Math.max(startedAt, sinceWall));
    return this.#found;
  }

  async #look({ errorLog, cwd, command }: Observation, sinceWall: number): Promise<string | null> {
    const tail = errorLog === null ? null : await this.#files.logTail(errorLog, MOST_LINES);
    if (tail === null || tail.writtenAt < sinceWall) return null;
    const error = parserErrorAtEnd(tail.lines);
    // What runs from another folder may be fixed there, where nobody looks.
    if (error === null || !runsBelow(command, cwd)) return null;
    const changes = await Promise.all([
      this.#saved.isSaved(cwd, tail.writtenAt),
      this.#isInstalled(cwd, tail.writtenAt),
    ]);
    if (changes.includes(true)) return null;
    // Of a disk that hangs for a while nothing is known, which makes no new start worth while.
    return changes.includes(null) && error !== this.#found ? null : error;
  }

  /** Null where that is not known. */
  async #isInstalled(cwd: string, sinceWall: number): Promise<boolean | null> {
    const marks = await Promise.all(MODULES.map((path) => this.#files.mark(join(cwd, path))));
    if (marks.some((mark) => mark !== null && mark.changedAt > sinceWall)) return true;
    return marks.includes(null) ? null : false;
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
function runsBelow(command: string, cwd: string): boolean {
  return cwd !== '/' && command.includes(` ${cwd}/`);
}
