import { basename, relative } from 'node:path';
import type { BoundedFiles, PathMark } from '../../os/bounded-files.ts';
import type { ManagedProcess } from '../../pm2/process.ts';
import { singleLine } from '../../text/single-line.ts';
import type { FreedPort } from './freed-port.ts';
import { watchedPaths } from './watched-paths.ts';

/** Through what the changes around one app are seen. */
export interface SaveWatchDeps {
  readonly files: BoundedFiles;
  readonly port: Pick<FreedPort, 'look'>;
}

/** What is new, and whether it became so while the app's last process still ran. */
interface Change {
  readonly what: string;
  readonly isFromRun: boolean;
}

/** What was seen to have changed, until it stands still for one look: a save may come in several writes. */
interface Unsettled extends Change {
  readonly stamps: string;
}

/**
 * One of this many looks covers also the files that are missing; so does one after their folder has changed, and
 * one that shows whether a change stands still.
 */
const LOOKS_FOR_ALL = 5;

/** Gone, these bring no app up again. */
const NEEDED: ReadonlySet<string> = new Set(['node_modules', 'package.json']);

/** Sees that something has changed for which an app that is down is worth another start. */
export class SaveWatch {
  readonly #deps: SaveWatchDeps;
  #paths: readonly string[] = [];
  #marks = new Map<string, PathMark>();
  #folder = '';
  #looks = 0;
  #unsettled: Unsettled | null = null;
  /** An app may write into its own files at each start: what changes while it runs counts once. */
  #isRunSpent = false;

  constructor(deps: SaveWatchDeps) {
    this.#deps = deps;
  }

  /**
   * What has changed since the app's last process began, once for each change; null where nothing has.
   * `detail` is the failure that was seen last, and `isFirst` says that the app has run since the last look.
   */
  async look(
    app: ManagedProcess,
    { detail, isFirst, probedPort }: SaveLook,
  ): Promise<string | null> {
    const { files, port } = this.#deps;
    if (isFirst) {
      this.#paths = await watchedPaths(app, detail, files);
      this.#unsettled = null;
    }
    const freed = await port.look(app, probedPort);
    const changed = await this.#changed(app, isFirst);
    return this.#judge(freed) ?? this.#judge(changed);
  }

  #judge(news: Change | null): string | null {
    if (news === null) return null;
    const isOld = news.isFromRun && this.#isRunSpent;
    this.#isRunSpent = news.isFromRun;
    return isOld ? null : news.what;
  }

  /** What has changed and stands still since the last look. */
  async #changed(app: ManagedProcess, isFirst: boolean): Promise<Change | null> {
    const marks = await this.#newMarks(app, isFirst);
    const changed = [...marks].filter(([path, mark]) => this.#isNews(app, path, mark));
    if (changed.length === 0) {
      this.#unsettled = null;
      this.#marks = marks;
      return null;
    }
    const stamps = changed.map(([path, { stamp }]) => `${path} ${stamp}`).join('\n');
    const before = this.#unsettled;
    const isFromRun = isFirst || (before?.isFromRun === true && before.stamps === stamps);
    const what = textOf(changed, this.#marks, app.cwd);
    if (before?.stamps !== stamps) {
      this.#unsettled = { what, isFromRun, stamps };
      return null;
    }
    this.#unsettled = null;
    this.#marks = marks;
    return { what, isFromRun };
  }

  /** The marks of all paths; of those that were not there, only now and then. */
  async #newMarks({ cwd }: ManagedProcess, isFirst: boolean): Promise<Map<string, PathMark>> {
    const { files } = this.#deps;
    const folder = (await files.mark(cwd))?.stamp ?? '';
    const isDue = this.#unsettled !== null || this.#looks % LOOKS_FOR_ALL === 0;
    const isAll = isFirst || isDue || folder !== this.#folder;
    this.#folder = folder;
    this.#looks += 1;
    const marks = new Map<string, PathMark>();
    for (const path of this.#paths) {
      const known = this.#marks.get(path);
      const isSkipped = !isAll && known?.kind === 'missing';
      const mark = isSkipped ? known : ((await files.mark(path)) ?? known);
      if (mark !== undefined) marks.set(path, mark);
    }
    return marks;
  }

  #isNews({ startedAt }: ManagedProcess, path: string, mark: PathMark): boolean {
    if (mark.kind === 'other') return false;
    const known = this.#marks.get(path);
    if (known === undefined) return mark.kind !== 'missing' && writtenBy(mark) > startedAt;
    if (mark.kind === 'missing') return known.kind === 'file' && !NEEDED.has(basename(path));
    return mark.stamp !== known.stamp;
  }
}

/** What a look goes by. */
export interface SaveLook {
  /** The failure that was seen last; empty where none was. */
  readonly detail: string;
  /** The app has run since the last look, or this is the first. */
  readonly isFirst: boolean;
  /** The port that the app is asked at; null where it has none. */
  readonly probedPort: number | null;
}

/** A file system that counts in whole seconds may mean any moment of that second. */
function writtenBy({ changedAt }: PathMark): number {
  return changedAt % 1_000 === 0 ? changedAt + 999 : changedAt;
}

/** `vite.config.ts was saved`, `package.json and 2 more were saved`. */
function textOf(
  changed: readonly (readonly [string, PathMark])[],
  before: ReadonlyMap<string, PathMark>,
  cwd: string,
): string {
  const [first, ...others] = changed;
  if (first === undefined) return '';
  const [path, { kind }] = first;
  const inside = relative(cwd, path);
  const name = singleLine(inside.startsWith('..') ? path : inside, 80);
  if (others.length > 0) return `${name} and ${others.length} more were saved`;
  if (kind === 'missing') return `${name} was removed`;
  if (kind === 'folder') return `${name} was installed`;
  return before.get(path)?.kind === 'missing' ? `${name} was created` : `${name} was saved`;
}
