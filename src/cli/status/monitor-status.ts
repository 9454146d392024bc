import { dataDir } from '../../config/data-dir.ts';
import { getStatus } from '../../control/client.ts';
import { socketPathOf } from '../../control/socket-path.ts';
import { shellWord } from '../../text/shell-word.ts';
import { didYouMean } from '../../text/nearest.ts';
import { codeOf, LivenessError } from '../../errors.ts';
import type { ManagedProcess } from '../../pm2/process.ts';
import type { StatusDocument, TargetStatus } from '../../report/status.ts';
import { readWatched } from '../../store/watched-file.ts';
import { withWatchedBlock } from '../../target/watched-block.ts';
import { usage } from '../framework/parse-arguments.ts';
import { StatusOverPm2 } from './over-pm2.ts';
import { instanceLabel } from '../../text/instance-label.ts';

/** The monitor usually answers in milliseconds; one that is stopped or very busy does not. */
const SOCKET_MS = 2_000;

/** Asks the running monitor of a PM2_HOME, any number of times; close it at the end. */
export class MonitorInquiry {
  readonly #pm2Home: string;
  readonly #overPm2: StatusOverPm2;

  constructor(pm2Home: string) {
    this.#pm2Home = pm2Home;
    this.#overPm2 = new StatusOverPm2(pm2Home);
  }

  /**
   * Its status document: over its socket, without PM2; where nobody answers there, over PM2. Null where no
   * monitor leads. Throws ERR_PM2_UNAVAILABLE where no daemon runs either, and ERR_MONITOR where the answer
   * cannot be used.
   */
  async status(): Promise<StatusDocument | null> {
    const said = await this.#overSocket();
    const socketError = said instanceof LivenessError ? said : null;
    // Just after it has taken the lock, a new leader still reports standby for a moment.
    if (said !== null && !(said instanceof LivenessError) && said.monitor.state !== 'standby') {
      return said;
    }
    const other = await this.#overPm2.ask().catch((error: unknown) => {
      throw socketError ?? error;
    });
    if (other !== null && other.monitor.state !== 'standby') return other;
    if (socketError !== null) throw socketError;
    return null;
  }

  /** The same; throws ERR_NO_MONITOR where none leads. */
  async mustStatus(): Promise<StatusDocument> {
    const document = await this.status();
    if (document) return document;
    const message =
      'no monitor is running under PM2; start one with `pm2 start ecosystem.config.cjs`, which `pm2-liveness init` writes, or with `pm2-liveness watch`';
    throw new LivenessError('ERR_NO_MONITOR', message);
  }

  /** PM2's list, with the blocks in force: also those of `watched.json`. Throws as PM2's client does. */
  async processes(): Promise<readonly ManagedProcess[]> {
    const [listed, read] = await Promise.all([
      this.#overPm2.processes(),
      readWatched(dataDir(this.#pm2Home)),
    ]);
    // A file that cannot be read is reported by the monitor and by `watch`.
    const apps = typeof read === 'string' ? [] : read.apps;
    const blocks = new Map(apps.map(({ name, block }) => [name, block]));
    return listed.map((process) => withWatchedBlock(process, (name) => blocks.get(name)));
  }

  /** Stops a monitor and removes it from PM2. Throws as PM2's client does. */
  async remove(monitor: ManagedProcess): Promise<void> {
    return this.#overPm2.remove(monitor);
  }

  /** The version of the PM2 daemon. Throws as PM2's client does. */
  async pm2Version(): Promise<string> {
    return this.#overPm2.version();
  }

  async close(): Promise<void> {
    await this.#overPm2.close();
  }

  /** The document; null where nobody answers; an error for a bad answer. */
  async #overSocket(): Promise<StatusDocument | LivenessError | null> {
    try {
      return await getStatus(socketPathOf(this.#pm2Home).path, { timeoutMs: SOCKET_MS });
    } catch (error) {
      if (codeOf(error) === 'ERR_NO_MONITOR') return null;
      if (error instanceof LivenessError) return error;
      throw error;
    }
  }
}

/**
 * The document with only one app. Throws ERR_USAGE as `targetsOf` does; an app with a bad block is also
 * known.
 */
export function narrowToApp(
  command: string,
  document: StatusDocument,
  app: string,
): StatusDocument {
  const misconfigured = document.misconfigured.filter(({ name }) => name === app);
  const targets =
    misconfigured.length > 0
      ? document.targets.filter(({ name }) => name === app)
      : targetsOf(command, document, app);
  return { ...document, targets, misconfigured, unwatched: [] };
}

/** The targets of an app. Throws ERR_USAGE for an app that is not watched, and suggests a name. */
function targetsOf(
  command: string,
  { targets, unwatched = [] }: StatusDocument,
  app: string,
): readonly TargetStatus[] {
  const found = targets.filter(({ name }) => name === app);
  if (found.length > 0) return found;
  if (unwatched.includes(app)) {
    throw usage(`${command}: '${app}' is not watched; \`pm2-liveness watch ${shellWord(app)}\``);
  }
  const names = [...new Set(targets.map(({ name }) => name))];
  const hint = didYouMean(app, names, `watched: ${names.join(', ') || 'none'}`);
  throw usage(`${command}: no watched app is called '${app}' (${hint})`);
}

/** True where there are targets, all answer well, and no block is bad. */
export function isAllWell({ targets, misconfigured }: StatusDocument): boolean {
  return targets.length > 0 && misconfigured.length === 0 && targets.every(isWell);
}

/** True where a target answers well and does not flap. */
export function isWell({ state, incident }: TargetStatus): boolean {
  return state === 'healthy' && incident === null;
}

/** The title of a target: its app, and from the second instance on its number. */
export function titleOf({ name, instance }: TargetStatus): string {
  return instanceLabel(name, instance);
}
