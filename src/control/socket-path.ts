import { dataDir } from '../config/data-dir.ts';
import { createHash } from 'node:crypto';
import { realpathSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** Where the control socket of a PM2_HOME lies, and how exclusive it is made. */
export type SocketPath =
  | {
      readonly kind: 'socket';
      /** Private folder of the sockets; absolute. */
      readonly dir: string;
      /** What clients connect to. */
      readonly path: string;
      /** True where strangers can write beside `dir`, so that its owner must be ourselves. */
      readonly isShared: boolean;
    }
  | { readonly kind: 'pipe'; readonly path: string };

/** What the path depends on besides PM2_HOME. */
export interface HomeHost {
  readonly platform: NodeJS.Platform;
  /**
   * The user whose PM2_HOME it is, who need not be the one who asks (sudo); undefined where users
   * have no number (Windows).
   */
  readonly uid: number | undefined;
}

/** The name clients connect to, in the folder of the sockets. */
export const SOCKET_NAME = 'control.sock';

/** `sun_path` holds 104 bytes on macOS and 108 on Linux, the closing NUL included. */
const SOCKET_PATH_MAX = 103;

/** The longest name that stands beside SOCKET_NAME (see leader/claims.ts). */
const LONGEST_NAME = 'lock.999999999999';

/**
 * The path of a PM2_HOME's control socket. It follows from PM2_HOME and its owner alone, so that
 * the monitor and every client find the same one: where the path is too long for a socket it is
 * under /tmp, not under TMPDIR, which differs between PM2's daemon and a login shell.
 */
export function socketPathOf(pm2Home: string, given?: HomeHost): SocketPath {
  const home = realPath(pm2Home);
  const machine = given ?? machineOf(home);
  if (machine.platform === 'win32') {
    return { kind: 'pipe', path: `\\\\.\\pipe\\pm2-liveness-${hashOf(home.toLowerCase())}` };
  }
  const dir = dataDir(home);
  const isTooLong = Buffer.byteLength(join(dir, LONGEST_NAME)) > SOCKET_PATH_MAX;
  if (!isTooLong) return inFolder(dir, false);
  return inFolder(`/tmp/pm2-liveness-${machine.uid ?? 'user'}-${hashOf(home)}`, true);
}

function inFolder(dir: string, isShared: boolean): SocketPath {
  return { kind: 'socket', dir, path: join(dir, SOCKET_NAME), isShared };
}

function machineOf(home: string): HomeHost {
  const own = process.getuid?.();
  if (own === undefined) return { platform: process.platform, uid: own };
  try {
    return { platform: process.platform, uid: statSync(home).uid };
  } catch {
    return { platform: process.platform, uid: own };
  }
}

/** One folder, one name: a link to PM2_HOME must not lead to a second socket. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return resolve(path);
  }
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
