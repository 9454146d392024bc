import { existsSync } from 'node:fs';
import { execa } from 'execa';

/** Why the boot test cannot be played here at all: no failure of what it tests. */
export class CannotPlay extends Error {}

/** The programs that the test needs, and Debian's packages that bring them. */
const PROGRAMS = {
  'systemd-nspawn': 'systemd-container',
  debootstrap: 'debootstrap',
  nsenter: 'util-linux',
} as const;

const FOLDERS = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/** Sees to it that all tools are there, and installs what is missing; throws CannotPlay where that is not possible. */
export async function ensureTools(): Promise<void> {
  if (process.platform !== 'linux') throw new CannotPlay('systemd boots on Linux alone');
  if (process.getuid?.() !== 0) throw new CannotPlay('only root can boot a root folder');
  const missing = missingPackages();
  if (missing.length === 0) return;
  if (!isThere('apt-get')) {
    throw new CannotPlay(`there is no ${missing.join(', no ')}, and no apt-get to install it`);
  }
  console.log(`installing ${missing.join(' and ')}`);
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  await execa('apt-get', ['update', '-q'], { env, all: true, reject: false, stdin: 'ignore' });
  const options = ['install', '-qy', '--no-install-recommends', ...missing];
  const { all } = await execa('apt-get', options, {
    env,
    all: true,
    reject: false,
    stdin: 'ignore',
  });
  if (missingPackages().length === 0) return;
  const why = all.trim().split('\n').at(-1);
  throw new CannotPlay(`apt-get could not install ${missingPackages().join(', ')}: ${why}`);
}

function missingPackages(): readonly string[] {
  return Object.entries(PROGRAMS).flatMap(([program, name]) => (isThere(program) ? [] : [name]));
}

function isThere(program: string): boolean {
  return FOLDERS.some((folder) => existsSync(`${folder}/${program}`));
}
