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

  constructor(deps: DeployWatchDeps) {
    this.#deps = deps;
    this.#modules = new ModulesWatch(deps.files);
  }

  /** The app answers well with the files that it has now; `isNew` is its process. Never rejects. */
  note({ cwd }: ManagedProcess, isNew: boolean): Promise<void> {
    return this.#modules.note(cwd, isNew);
  }

  /** What holds restarts of the app; null where nothing does, undefined where it is not known in time. */
  look(app: ManagedProcess): Promise<DeployEvidence | null | undefined> {
    return withTimeout(this.#look(app), LOOK_MS, undefined, this.#deps.clock);
  }

  async #look(app: ManagedProcess): Promise<DeployEvidence | null | undefined> {
    const { cwd } = app;
    const gone = await this.#goneOf(app);
    const broken = await this.#modules.broken(cwd);
    const running = await this.#deps.installers.running();
    const installer = await this.#installerOf(cwd, running ?? [], broken ?? null);
    const reason = installer ?? (broken ? brokenText(broken) : gone);
    if (reason !== null) return { reason, isCertain: gone !== null };
    if (broken === undefined) return undefined;
    const saved = await savedConfig(app, this.#deps.files, this.#deps.clock.wall());
    if (saved === null) return null;
    return { reason: `${saved} was saved, the app may start itself again`, isCertain: false };
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
    running: readonly Installer[],
    broken: BrokenModules | null,
  ): Promise<string | null> {
    const { files } = this.#deps;
    if (running.length === 0) return null;
    const folder = (await files.target(cwd)) ?? cwd;
    const project = await projectOf(folder, files);
    for (const installer of running) {
      const { pid, label, project: at } = installer;
      if (at !== null && (at === project || (await this.#isAbove(at, folder))))
        return `${label} (pid ${pid}) is at work in ${singleLine(at)}`;
      if (at === null && (await this.#isSeenAtWork(installer, folder, broken))) {
        return `${label} (pid ${pid}, of another user) seems to be at work in ${singleLine(folder)}`;
      }
    }
    return null;
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

function brokenText({ path, isGone }: BrokenModules): string {
  const what = isGone ? 'is gone' : 'is incomplete, an installer did not finish';
  return `${singleLine(path)} ${what}; install the packages again in ${singleLine(dirname(path))}`;
}
