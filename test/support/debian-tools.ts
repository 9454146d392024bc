import { existsSync } from 'node:fs';
import { execa } from 'execa';

/** Why a test cannot be played here at all: no failure of what it tests. */
export class CannotPlay extends Error {}

/** The programs that a test needs, and Debian's packages that bring them. */
export type Programs = Readonly<Record<string, string>>;

const FOLDERS = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/** Sees to it that all programs are there, and installs what is missing; throws CannotPlay where that is not possible. */
export async function ensureTools(programs: Programs): Promise<void> {
  const missing = missingPackages(programs);
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
  const still = missingPackages(programs);
  if (still.length === 0) return;
  const why = all.trim().split('\n').at(-1);
  throw new CannotPlay(`apt-get could not install ${still.join(', ')}: ${why}`);
}

function missingPackages(programs: Programs): readonly string[] {
  return Object.entries(programs).flatMap(([program, name]) => (isThere(program) ? [] : [name]));
}

function isThere(program: string): boolean {
  return FOLDERS.some((folder) => existsSync(`${folder}/${program}`));
}
