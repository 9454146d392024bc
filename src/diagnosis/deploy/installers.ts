import type { BoundedFiles } from '../../os/bounded-files.ts';
import type { OsReader, RunningCommand } from '../../os/os-reader.ts';
import type { Clock } from '../../time/clock.ts';
import { resolve } from 'node:path';
import { installerOf, type InstallerCommand } from './installer-command.ts';
import { projectOf } from './project-folder.ts';

/** An installer that runs, and the project that it works on. */
export interface Installer {
  readonly pid: number;
  readonly label: string;
  /** Wall milliseconds. */
  readonly startedAtMs: number;
  /** Null where we may not see in which folder it works: another user's. */
  readonly project: string | null;
}

/** Through what installers are found. */
export interface InstallersDeps {
  readonly reader: Pick<OsReader, 'commands'>;
  readonly files: Pick<BoundedFiles, 'mark' | 'text' | 'target'>;
  readonly clock: Clock;
}

/** One look serves all apps that ask within this time. */
const SHARED_MS = 1_000;

/** More installers at a time than this are not looked into. */
const MOST = 32;

/** What a process that may be an installer calls itself; Node names its main thread since version 24. */
const NAMES = /^(?:node|npm|pn(?:pm)?|yarn|bun|corepack|MainThread)/;

/** The installers (npm, pnpm, yarn, bun) that run on this machine. */
export class Installers {
  readonly #deps: InstallersDeps;
  #last: { readonly at: number; readonly found: Promise<readonly Installer[] | null> } | null =
    null;

  constructor(deps: InstallersDeps) {
    this.#deps = deps;
  }

  /** Those that run now, or did a second ago; null where it is not known. Never rejects. */
  running(): Promise<readonly Installer[] | null> {
    const now = this.#deps.clock.now();
    if (this.#last === null || now - this.#last.at >= SHARED_MS) {
      this.#last = { at: now, found: this.#look() };
    }
    return this.#last.found;
  }

  async #look(): Promise<readonly Installer[] | null> {
    const { reader } = this.#deps;
    if (reader.commands === undefined) return null;
    const mayBe = (name: string): boolean => NAMES.test(name);
    const found = await reader.commands(mayBe, (words) => installerOf(words) !== null);
    if (found === null) return null;
    const installers: Installer[] = [];
    for (const running of found.slice(0, MOST)) {
      const command = installerOf(running.words);
      if (command !== null) installers.push(await this.#installer(running, command));
    }
    return installers;
  }

  async #installer(
    { pid, startedAtMs, folder }: RunningCommand,
    command: InstallerCommand,
  ): Promise<Installer> {
    const { files } = this.#deps;
    const given = folder !== null && command.folder !== null && resolve(folder, command.folder);
    const at = given ? ((await files.target(given)) ?? given) : folder;
    const project = at === null ? null : await projectOf(at, files);
    return { pid, label: command.label, startedAtMs, project };
  }
}
