import { messageOf } from '../errors.ts';
import { appEnvironment } from '../pm2/app-environment.ts';
import type { ManagedProcess } from '../pm2/process.ts';
import type { RunAs } from '../probe/exec/run-as.ts';
import { AppUsers, type User, type AppUserDeps } from './app-user.ts';

/** Our rights, and what finds the user of an app. */
interface AppRunnerDeps {
  readonly users: AppUserDeps;
  /** Our own uid; null where the system has none (Windows). */
  readonly ownUid: number | null;
  /** As root, run commands only as this uid; null: as any. */
  readonly onlyUid?: number | null;
}

/**
 * Decides as which user, and with what environment, a command of an app runs: as the app's user, never
 * with more rights. A user who can write into the folder of an app must not become root through this.
 */
export class AppRunner {
  readonly #options: AppRunnerDeps;
  readonly #users: AppUsers;

  constructor(options: AppRunnerDeps) {
    this.#options = options;
    this.#users = new AppUsers(options.users);
  }

  /** Never rejects. */
  async runAs(app: ManagedProcess | undefined): Promise<RunAs> {
    if (app === undefined) return unknown('PM2 no longer has the app');
    try {
      const user = await this.#userFor(app);
      if (typeof user === 'string') return unknown(user);
      return { kind: 'as', user, env: appEnvironment(app.env) };
    } catch (error) {
      return unknown(`the user of the app is not known: ${messageOf(error)}`);
    }
  }

  /** The user to become; null to keep our own; a text says why that is not possible. */
  async #userFor(app: ManagedProcess): Promise<User | null | string> {
    const { ownUid, onlyUid = null } = this.#options;
    if (ownUid === null) return null;
    const user = await this.#users.userOf(app);
    if (ownUid === 0) {
      if (typeof user === 'string' || onlyUid === null || user.uid === onlyUid) return user;
      return `PM2_HOME belongs to user ${onlyUid}, so root runs none of its commands as user ${user.uid}`;
    }
    // A PM2 that is not root can run its apps only as its own user.
    if (typeof user === 'string') return app.pid > 0 ? user : null;
    if (user.uid === ownUid) return null;
    return `the app runs as user ${user.uid} and the monitor as user ${ownUid}: only root may run a command as the app's user`;
  }
}

function unknown(reason: string): RunAs {
  return { kind: 'unknown', reason };
}
