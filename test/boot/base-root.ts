import { createHash } from 'node:crypto';
import { lstatSync } from 'node:fs';
import { mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { CannotPlay } from '../support/debian-tools.ts';

/** What a machine needs to boot by systemd and to run PM2, which ends processes with the help of `ps`. */
const PACKAGES = ['systemd', 'systemd-sysv', 'dbus', 'procps', 'sudo'];

interface Mirror {
  readonly uri: string;
  readonly suite: string;
}

/**
 * A root folder with nothing but a small Debian of this machine's own release, from the mirror that
 * apt itself uses. Made once and kept in the temp folder; to be copied, never booted.
 */
export async function baseRoot(signal: AbortSignal): Promise<string> {
  const mirror = await aptMirror();
  const key = createHash('sha256')
    .update(JSON.stringify([PACKAGES, mirror]))
    .digest('hex');
  const base = join(tmpdir(), `pl-boot-base-${key.slice(0, 12)}`);
  if (isOwnFolder(base)) return base;
  console.log(`making a root folder of ${mirror.suite} with debootstrap; it is kept in ${base}`);
  const folder = await mkdtemp(`${base}-`);
  try {
    await debootstrap(mirror, join(folder, 'root'), signal);
    // Another run may have been faster.
    if (!isOwnFolder(base)) await rename(join(folder, 'root'), base);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return base;
}

async function debootstrap(
  { uri, suite }: Mirror,
  target: string,
  signal: AbortSignal,
): Promise<void> {
  const proxy = await aptSetting('Acquire::http::Proxy');
  const { exitCode, all } = await execa(
    'unshare',
    // What it mounts below the folder is gone when it exits, so the folder can be removed.
    [
      '--mount',
      'debootstrap',
      '--variant=minbase',
      `--include=${PACKAGES.join(',')}`,
      suite,
      target,
      uri,
    ],
    {
      env: proxy === '' || proxy === 'DIRECT' ? {} : { http_proxy: proxy },
      all: true,
      reject: false,
      stdin: 'ignore',
      timeout: 600_000,
      cancelSignal: signal,
    },
  );
  if (exitCode === 0) return;
  throw new Error(`debootstrap failed:\n${all.split('\n').slice(-15).join('\n')}`);
}

/** Where apt gets the main part of this machine's release from. */
async function aptMirror(): Promise<Mirror> {
  const suite = /^VERSION_CODENAME=(\S+)/m.exec(await readFile('/etc/os-release', 'utf8'))?.[1];
  const format = '$(CODENAME) $(COMPONENT) $(REPO_URI)';
  const { stdout } = await execa(
    'apt-get',
    ['indextargets', '--format', format, 'Created-By: Packages'],
    { reject: false },
  );
  const rows = (stdout ?? '').split('\n').map((line) => line.split(' '));
  const uri = rows.find(([codename, component]) => codename === suite && component === 'main')?.[2];
  if (suite !== undefined && uri !== undefined) return { uri, suite };
  throw new CannotPlay(`apt knows no mirror of this machine's release (${suite ?? 'unnamed'})`);
}

async function aptSetting(name: string): Promise<string> {
  const { stdout } = await execa('apt-config', ['dump', '--format', '%v%n', name]);
  return stdout.trim();
}

/** True for a folder of ours; anybody may put something of that name into the temp folder. */
function isOwnFolder(path: string): boolean {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return false;
  if (found.isDirectory() && found.uid === process.getuid?.()) return true;
  throw new Error(`${path} is not a folder of ours; remove it`);
}
