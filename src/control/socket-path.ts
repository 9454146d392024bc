import { dataDir } from '../config/data-dir.ts';
import { createHash } from 'node:crypto';
import { realpathSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** The path of a PM2_HOME's control socket, and the lock that goes with it. */
export type SocketPath =
  | {
      readonly kind: 'socket';
      /** The private folder of the sockets; absolute. */
      readonly dir: string;
      /** The path that clients connect to. */
      readonly path: string;
      /** True where other users can write beside `dir`, so that we must own it. */
      readonly isShared: boolean;
    }
  | { readonly kind: 'pipe'; readonly path: string };

/** What the path depends on beside PM2_HOME. */
interface HomeHost {
  readonly platform: NodeJS.Platform;
  /**
   * The owner of the PM2_HOME, who may be another user than the caller (sudo); undefined where users have no
   * number (Windows).
   */
  readonly uid: number | undefined;
}

/** The name in the folder of the sockets that clients connect to. */
const SOCKET_NAME = 'control.sock';

/** `sun_path` has 104 bytes on macOS and 108 on Linux, with the final NUL. */
const SOCKET_PATH_MAX = 103;

/** The longest name beside SOCKET_NAME (see leader/claims.ts). */
const LONGEST_NAME = 'lock.999999999999';

/**
 * The path of a PM2_HOME's control socket. It depends only on PM2_HOME and its owner, so that the monitor and
 * every client find the same one. Where the path would be too long for a socket it is under /tmp, not under
 * TMPDIR, which differs between PM2's daemon and a login shell.
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

/** The folder without links, because a link to PM2_HOME must not lead to a second socket. */
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
