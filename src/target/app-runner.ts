import { messageOf } from '../errors.ts';
import { appEnvironment } from '../pm2/app-environment.ts';
import type { ManagedProcess } from '../pm2/process.ts';
import type { RunAs } from '../probe/exec/run-as.ts';
import { AppUsers, type User, type AppUserDeps } from './app-user.ts';

/** Whose commands we may run. */
export interface AppRunnerDeps {
  readonly users: AppUserDeps;
  /** Our own user; null where the system has none (Windows). */
  readonly ownUid: number | null;
  /** Root runs commands as this user alone; null: as any. */
  readonly onlyUid?: number | null;
}

/**
 * Says as whom, and with what environment, a command of an app runs: as the app's user, never as one
 * who may more. A user who may write into the folder of an app must not become root by that.
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

  /** The user to become; null to stay who we are. */
  async #userFor(app: ManagedProcess): Promise<User | null | string> {
    const { ownUid, onlyUid = null } = this.#options;
    if (ownUid === null) return null;
    const user = await this.#users.userOf(app);
    if (ownUid === 0) {
      if (typeof user === 'string' || onlyUid === null || user.uid === onlyUid) return user;
      return `PM2_HOME is user ${onlyUid}'s, so that root runs nothing of it as user ${user.uid}`;
    }
    // A PM2 without a root can give its apps no other user than its own.
    if (typeof user === 'string') return app.pid > 0 ? user : null;
    if (user.uid === ownUid) return null;
    return `the app is user ${user.uid}'s and the monitor user ${ownUid}'s: only root may run a command as the app's user`;
  }
}

function unknown(why: string): RunAs {
  return { kind: 'unknown', why };
}
