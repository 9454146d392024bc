import { dirname, join } from 'node:path';
import type { BoundedFiles } from '../../os/bounded-files.ts';
import { obstaclesOf } from '../../os/obstacles.ts';
import type { ManagedProcess } from '../../pm2/process.ts';
import { singleLine } from '../../text/single-line.ts';
import type { Clock } from '../../time/clock.ts';
import { withTimeout } from '../../time/deadline.ts';
import type { DeployEvidence } from '../../verdict/event.ts';
import type { Installer, Installers } from './installers.ts';
import { ModulesWatch, type BrokenModules } from './modules-watch.ts';
import { isWithin, projectOf } from './project-folder.ts';
import { savedConfig } from './saved-config.ts';

/** Through what a deploy of one app is seen. */
export interface DeployWatchDeps {
  readonly installers: Pick<Installers, 'running'>;
  readonly files: Pick<BoundedFiles, 'mark' | 'text' | 'target'>;
  readonly clock: Clock;
}

/** A restart waits no longer than this to learn whether an installer is at work. */
const LOOK_MS = 3_000;

/** Sees whether somebody is at work on one app's files, and what is gone from them. */
export class DeployWatch {
  readonly #deps: DeployWatchDeps;
  readonly #modules: ModulesWatch;
  /** The same of the folder behind a link: Node finds packages from there. */
  readonly #modulesBehind: ModulesWatch;
  /** Where the app's folder led when it answered well, for when it is gone. */
  #real: { readonly cwd: string; readonly folder: string } | null = null;

  constructor(deps: DeployWatchDeps) {
    this.#deps = deps;
    this.#modules = new ModulesWatch(deps.files);
    this.#modulesBehind = new ModulesWatch(deps.files);
  }

  /** The app answers well with the files that it has now; `isNew` is its process. Never rejects. */
  async note({ cwd }: ManagedProcess, isNew: boolean): Promise<void> {
    await this.#modules.note(cwd, isNew);
    if (isNew || this.#real?.cwd !== cwd) {
      const folder = await this.#deps.files.target(cwd);
      this.#real = folder === null ? null : { cwd, folder };
    }
    const folder = this.#real?.folder ?? cwd;
    if (folder !== cwd) await this.#modulesBehind.note(folder, isNew);
  }

  /** What holds restarts of the app; null where nothing does, undefined where it is not known in time. */
  look(app: ManagedProcess): Promise<DeployEvidence | null | undefined> {
    return withTimeout(this.#look(app), LOOK_MS, undefined, this.#deps.clock);
  }

  async #look(app: ManagedProcess): Promise<DeployEvidence | null | undefined> {
    const { cwd } = app;
    const gone = await this.#goneOf(app);
    const folder = await this.#folderOf(cwd);
    const broken = await this.#brokenOf(cwd, folder);
    const running = await this.#deps.installers.running();
    const installer = await this.#installerOf(cwd, folder, running ?? [], broken ?? null);
    const reason = installer ?? (broken ? brokenText(broken) : gone);
    if (reason !== null) return { reason, isCertain: gone !== null };
    if (broken === undefined) return undefined;
    const saved = await savedConfig(app, this.#deps.files, this.#deps.clock.wall());
    if (saved === null) return null;
    return { reason: `${saved} was saved, the app may start itself again`, isCertain: false };
  }

  /** The folder that a linked one leads to; where it is gone, led to. */
  async #folderOf(cwd: string): Promise<string> {
    const known = this.#real?.cwd === cwd ? this.#real.folder : cwd;
    return (await this.#deps.files.target(cwd)) ?? known;
  }

  /** A folder that the link leads to only now has no packages of which anything is known. */
  async #brokenOf(cwd: string, folder: string): Promise<BrokenModules | null | undefined> {
    const broken = await this.#modules.broken(cwd);
    return broken === null && folder !== cwd ? this.#modulesBehind.broken(folder) : broken;
  }

  /**
   * The app's own folder or script, which a deploy takes away and brings back. Without its interpreter or its log
   * folder it is restarted all the same: it is down anyway, and then PM2 has lost it, with that reason.
   */
  async #goneOf({ env }: ManagedProcess): Promise<string | null> {
    const { pm_cwd: folder, pm_exec_path: script } = env;
    const obstacles = await obstaclesOf(env);
    const gone = obstacles.find(({ path }) => path === folder || path === script);
    return gone === undefined ? null : `${gone.what} ${singleLine(gone.path)} ${gone.problem}`;
  }

  /** The installer at work on the project of an app in `cwd`, for a person. */
  async #installerOf(
    cwd: string,
    folder: string,
    running: readonly Installer[],
    broken: BrokenModules | null,
  ): Promise<string | null> {
    if (running.length === 0) return null;
    const homes = [
      ...(await this.#modules.homes(cwd)),
      ...(folder === cwd ? [] : await this.#modulesBehind.homes(folder)),
    ];
    for (const installer of running) {
      const { pid, label, project: at } = installer;
      if (at !== null && (await this.#isFor(at, [folder, ...homes])))
        return `${label} (pid ${pid}) is at work in ${singleLine(at)}`;
      if (at === null && (await this.#isSeenAtWork(installer, folder, broken))) {
        return `${label} (pid ${pid}, of another user) seems to be at work in ${singleLine(folder)}`;
      }
    }
    return null;
  }

  /** Whether `at` is the project of one of these folders, or one above it. */
  async #isFor(at: string, folders: readonly string[]): Promise<boolean> {
    for (const folder of new Set(folders)) {
      if (at === (await projectOf(folder, this.#deps.files))) return true;
      if (await this.#isAbove(at, folder)) return true;
    }
    return false;
  }

  /** Whether `at` is a project above an app's folder, whose packages the app can use too. */
  async #isAbove(at: string, folder: string): Promise<boolean> {
    if (!isWithin(folder, at)) return false;
    return (await this.#deps.files.mark(join(at, 'package.json')))?.kind === 'file';
  }

  /** Whether node_modules has changed, or gone, since an installer began whose folder we may not see. */
  async #isSeenAtWork(
    { startedAtMs }: Installer,
    folder: string,
    broken: BrokenModules | null,
  ): Promise<boolean> {
    if (broken !== null) return true;
    const nearest = await this.#modules.nearest(folder);
    if (!nearest) return false;
    for (const path of [nearest, join(nearest, '.package-lock.json')]) {
      const mark = await this.#deps.files.mark(path);
      if (mark !== null && mark.changedAt > startedAtMs) return true;
    }
    return false;
  }
}

function brokenText({ path, isGone, home }: BrokenModules): string {
  const what = isGone ? 'is gone' : 'is incomplete, an installer did not finish';
  return `${singleLine(path)} ${what}; install the packages again in ${singleLine(home ?? dirname(path))}`;
}
