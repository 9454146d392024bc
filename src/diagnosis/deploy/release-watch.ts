import { basename, dirname } from 'node:path';
import type { BoundedFiles } from '../../os/bounded-files.ts';
import type { OsReader } from '../../os/os-reader.ts';
import type { ManagedProcess } from '../../pm2/process.ts';
import { singleLine } from '../../text/single-line.ts';
import { isWithin } from './project-folder.ts';

/** Through what the release that an app runs is seen. */
export interface ReleaseWatchDeps {
  readonly files: Pick<BoundedFiles, 'target'>;
  readonly reader: Pick<OsReader, 'workFolder'>;
}

/**
 * Sees that an app still runs an earlier release: that the link which PM2 starts it in, or from which a
 * person started it, leads elsewhere now, or that its folder is deleted under it.
 */
export class ReleaseWatch {
  readonly #deps: ReleaseWatchDeps;
  #note: string | null = null;
  /** Where PM2's folder of the app led when this incarnation was first looked at. */
  #first: { readonly incarnation: string | null; readonly target: string | null } | null = null;
  /** Where the link from which a person started the app led when that was first seen. */
  #started: { readonly link: string; readonly cwd: string; readonly target: string } | null = null;

  constructor(deps: ReleaseWatchDeps) {
    this.#deps = deps;
  }

  /** What was seen of this incarnation, for a person; null is nothing. */
  noteOf(incarnation: string | null): string | null {
    return incarnation !== null && this.#first?.incarnation === incarnation ? this.#note : null;
  }

  /** Never rejects. */
  async look(app: ManagedProcess, incarnation: string | null): Promise<void> {
    const { cwd, pid } = app;
    if (cwd === '' || pid === 0) return;
    const target = await this.#deps.files.target(cwd);
    if (this.#first?.incarnation !== incarnation) {
      this.#first = { incarnation, target };
      this.#note = null;
    }
    this.#note = (await this.#switched(app, target)) ?? (await this.#left(app));
  }

  /** PM2 starts it in a folder that is another one by now, or none. */
  async #switched({ cwd, pid }: ManagedProcess, target: string | null): Promise<string | null> {
    const folder = (await this.#deps.reader.workFolder?.(pid)) ?? null;
    const next =
      target === null
        ? '`pm2 delete` it and start it where its files are now'
        : `${singleLine(cwd)} is ${singleLine(target)} now, and \`pm2 restart\` starts it there`;
    if (folder?.isDeleted === true) {
      return `the folder it runs in, ${singleLine(folder.path)}, is deleted; ${next}`;
    }
    if (target === null || target === cwd) return null;
    const wasAt = this.#first?.target ?? null;
    // An app may go to another folder by itself; to the one beside, only a switched link can have led.
    const isLeft = folder !== null && isBeside(folder.path, target);
    if (!isLeft && (wasAt === null || wasAt === target)) return null;
    const old = isLeft ? folder.path : (wasAt ?? '');
    return `it still runs ${singleLine(old)}: ${next}`;
  }

  /** A shell in a linked folder gives PM2 the folder behind the link; `PWD` still has the link. */
  async #left({ cwd, env }: ManagedProcess): Promise<string | null> {
    const { PWD: link } = env;
    if (typeof link !== 'string' || link === cwd || !link.startsWith('/')) return null;
    const now = await this.#deps.files.target(link);
    if (now === null || now === link) return null;
    if (this.#started?.link !== link || this.#started.cwd !== cwd) {
      this.#started = { link, cwd, target: now };
    }
    if (isWithin(cwd, now)) return null;
    // The app may run in a folder below the one where it was started, and a release need not be beside the other.
    const hasLeft = this.#started.target !== now && isWithin(cwd, this.#started.target);
    if (!hasLeft && !isBeside(cwd, now)) return null;
    return `PM2 keeps it in ${singleLine(cwd)}, but ${singleLine(link)}, where it was started, is ${singleLine(now)} now: \`pm2 delete\` it and start it there`;
  }
}

/** True for the same folder of two releases whose folders have one parent: `1/apps/web` and `2/apps/web`. */
function isBeside(one: string, other: string): boolean {
  let [a, b] = [one, other];
  while (a !== b && basename(a) === basename(b)) [a, b] = [dirname(a), dirname(b)];
  const parent = dirname(a);
  return a !== b && parent === dirname(b) && parent !== a && parent !== b;
}
