import { findGroup, findUser } from '../os/users/user-names.ts';
import { userOfProcess } from '../os/users/process-user.ts';
import { incarnationOf, type ManagedProcess } from '../pm2/process.ts';

/** A user and its only group. */
export interface User {
  readonly uid: number;
  readonly gid: number;
}

/** Asks the system about users. */
export interface AppUserDeps {
  readonly findUser: typeof findUser;
  readonly findGroup: typeof findGroup;
  readonly userOfProcess: typeof userOfProcess;
  /** The pid of PM2's daemon, the parent of every app; 0 where not known. Never rejects. */
  readonly daemonPid: () => Promise<number>;
}

/** The system's own answers. */
export const systemUsers: Omit<AppUserDeps, 'daemonPid'> = { findUser, findGroup, userOfProcess };

/**
 * The user of an app: the one in its PM2 settings (`uid`, `gid`: number or name), else that of its
 * process. A text says why it is not known.
 */
async function userOfApp(app: ManagedProcess, deps: AppUserDeps): Promise<User | string> {
  // PM2 reads 0 as not set: the daemon's own.
  const [uid, gid] = [app.env['uid'], app.env['gid']].map((id) => idOf(id));
  const group = gid === null || gid === undefined ? null : await groupOf(gid, deps);
  if (typeof group === 'string') return group;
  if (uid === null || uid === undefined) {
    const user = await userOfItsProcess(app, deps);
    return typeof user === 'string' ? user : { uid: user.uid, gid: group ?? user.gid };
  }
  const known = await deps.findUser(uid);
  const number = known?.uid ?? (/^\d+$/.test(uid) ? Number(uid) : null);
  if (number === null) return `this system does not know its user '${uid}'`;
  if (group !== null) return { uid: number, gid: group };
  if (known !== null) return known;
  const user = await userOfItsProcess(app, deps);
  if (typeof user !== 'string' && user.uid === number) return user;
  return `the group of its user ${uid} is not known`;
}

async function groupOf(group: string, deps: AppUserDeps): Promise<number | string> {
  if (/^\d+$/.test(group)) return Number(group);
  return (await deps.findGroup(group)) ?? `this system does not know its group '${group}'`;
}

/**
 * The user of the app's process. A pid from PM2's list may be another process by now, so it must be a
 * child of PM2's daemon.
 */
async function userOfItsProcess(
  { pid }: ManagedProcess,
  { userOfProcess: ask, daemonPid }: AppUserDeps,
): Promise<User | string> {
  if (pid <= 0) return 'its user is not known while PM2 runs no process of it';
  const found = await ask(pid);
  const parent = await daemonPid();
  if (found === null || (parent > 0 && found.parentPid !== parent)) {
    return `its user is not known: process ${pid} is not there, or is another's`;
  }
  return { uid: found.uid, gid: found.gid };
}

/** Remembers the user of each incarnation, because a process cannot always be read. */
export class AppUsers {
  readonly #deps: AppUserDeps;
  readonly #seen = new Map<number, { readonly incarnation: string; readonly user: User }>();

  constructor(deps: AppUserDeps) {
    this.#deps = deps;
  }

  /** See `userOfApp`. Never rejects. */
  async userOf(app: ManagedProcess): Promise<User | string> {
    const incarnation = incarnationOf(app);
    const user = await userOfApp(app, this.#deps);
    if (typeof user !== 'string') {
      this.#seen.set(app.pmId, { incarnation, user });
      return user;
    }
    const before = this.#seen.get(app.pmId);
    return before?.incarnation === incarnation ? before.user : user;
  }
}

function idOf(id: unknown): string | null {
  const text = typeof id === 'number' || typeof id === 'string' ? String(id) : '';
  return text === '' || text === '0' ? null : text;
}
