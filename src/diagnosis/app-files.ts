import type { TargetConfig } from '../config/target-config.ts';
import type { BoundedFiles } from '../os/bounded-files.ts';
import type { OsReader } from '../os/os-reader.ts';
import type { Pm2Client } from '../pm2/client.ts';
import type { ManagedProcess } from '../pm2/process.ts';
import type { Observation } from '../target/observation.ts';
import type { Clock } from '../time/clock.ts';
import type { DeployEvidence } from '../verdict/event.ts';
import { DeployWatch } from './deploy/deploy-watch.ts';
import { Installers } from './deploy/installers.ts';
import { ReleaseWatch } from './deploy/release-watch.ts';
import { portOf } from './probed-address.ts';
import { FreedPort, type FreedPortDeps } from './saves/freed-port.ts';
import { SaveWatch } from './saves/save-watch.ts';

/** Through what the files of apps are seen. */
export interface AppFilesDeps {
  readonly clock: Clock;
  readonly reader: OsReader;
  readonly files: BoundedFiles;
  readonly installers: Installers;
  readonly keptOut: FreedPortDeps['keptOut'];
  /** PM2's entry of an app; undefined where it is gone. */
  readonly processOf: (app: Observation) => ManagedProcess | undefined;
}

/** Makes the watch over the files of each app; what they share is made once. */
export function createAppFilesOf(
  shared: Pick<AppFilesDeps, 'clock' | 'reader' | 'files'> & {
    readonly pm2: Pick<Pm2Client, 'last'>;
  },
): (keptOut: AppFilesDeps['keptOut']) => AppFiles {
  const installers = new Installers(shared);
  const processOf: AppFilesDeps['processOf'] = ({ pmId, name }) =>
    shared.pm2.last().find((each) => each.pmId === pmId && each.name === name);
  return (keptOut) => new AppFiles({ ...shared, installers, processOf, keptOut });
}

/** How often to look at the release that runs, at most. */
const RELEASE_MS = 60_000;

/** What happens to the files of one app while it runs, and while it is down (DESIGN §11). */
export class AppFiles {
  readonly #deps: AppFilesDeps;
  readonly #deploy: DeployWatch;
  /** Only while the app is given up. */
  #saves: SaveWatch | null = null;
  readonly #release: ReleaseWatch;
  #wellAs: string | null = null;
  #releaseAt = Number.NEGATIVE_INFINITY;

  constructor(deps: AppFilesDeps) {
    this.#deps = deps;
    this.#deploy = new DeployWatch(deps);
    this.#release = new ReleaseWatch(deps);
  }

  /** That an app still runs an earlier release, for a person; null where nothing is known of one. */
  releaseNoteOf({ incarnation }: Observation): string | null {
    return this.#release.noteOf(incarnation);
  }

  /** The app answers well. Costs nothing but once for each incarnation, and once a minute. */
  noteWell(app: Observation, now: number): void {
    const isNew = app.incarnation !== this.#wellAs;
    if (!isNew && now < this.#releaseAt) return;
    const process = this.#deps.processOf(app);
    if (process === undefined) return;
    this.#wellAs = app.incarnation;
    this.#releaseAt = now + RELEASE_MS;
    void this.#deploy.note(process, isNew);
    void this.#release.look(process, app.incarnation);
  }

  /** What holds restarts of the app; null where nothing does, undefined where that is not known. */
  async deploy(app: Observation): Promise<DeployEvidence | null | undefined> {
    const process = this.#deps.processOf(app);
    return process === undefined ? undefined : this.#deploy.look(process);
  }

  /** What has changed so that an app that is down is worth another start; null where nothing has. */
  async change(
    app: Observation,
    { probe }: TargetConfig,
    seen: { readonly detail: string; readonly isFirst: boolean },
  ): Promise<string | null> {
    const process = this.#deps.processOf(app);
    if (process === undefined) return null;
    this.#saves ??= new SaveWatch({ files: this.#deps.files, port: new FreedPort(this.#deps) });
    return this.#saves.look(process, { ...seen, probedPort: portOf(probe) });
  }

  /** The app is well, or stopped: a later change is compared with what is there then. */
  forgetChanges(): void {
    this.#saves = null;
  }
}
