import { readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadMonitorConfig } from '../../config/load.ts';
import { codeOf } from '../../errors.ts';
import { ownUid } from '../../os/users/user.ts';
import { usage } from '../framework/parse-arguments.ts';
import type { GuardedHome } from './units.ts';

/** Where systemd reads units. */
const SYSTEM_FOLDER = '/etc/systemd/system';

const USUAL_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** The PM2_HOME of this shell, and its owner. Throws ERR_USAGE where there is none, or its owner has no name. */
export async function guardedHome(isUserUnit: boolean): Promise<GuardedHome> {
  const { pm2Home } = loadMonitorConfig();
  const uid = await ownerOf(pm2Home);
  const passwd = await readFile('/etc/passwd', 'utf8').catch(() => '');
  const entry = passwd.split('\n').find((line) => line.split(':')[2] === String(uid));
  const [user = '', , , , , home = ''] = entry?.split(':') ?? [];
  if (user === '' || home === '') {
    throw usage(`guard: ${pm2Home} belongs to uid ${uid}, and /etc/passwd has no such user`);
  }
  if (/[\n\r\0]/.test(pm2Home)) throw usage('guard: PM2_HOME has a line break in it');
  return {
    user,
    home,
    pm2Home,
    node: process.execPath,
    program: fileURLToPath(new URL('../main.js', import.meta.url)),
    searchPath: [...new Set([dirname(process.execPath), ...USUAL_PATH.split(':')])].join(':'),
    isUserUnit,
  };
}

/** The folder of the units; of the user manager's below the home. */
export function unitFolder({ home, isUserUnit }: Pick<GuardedHome, 'home' | 'isUserUnit'>): string {
  return isUserUnit ? `${home}/.config/systemd/user` : SYSTEM_FOLDER;
}

/** True where this user may change the system's units. */
export function isRoot(): boolean {
  return ownUid() === 0;
}

async function ownerOf(pm2Home: string): Promise<number> {
  try {
    return (await stat(pm2Home)).uid;
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
    throw usage(`guard: there is no ${pm2Home}; start PM2 first, or set PM2_HOME`);
  }
}
