// The Nodes of the matrix. Each is the package that the npm package `node` installs for this platform,
// taken directly, for it comes without an install script. They stay in a folder of the temp folder.
import { spawnSync } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

/** What the suites are run on: the floor of package.json's `engines`, and the lines above it. */
export const NODES = ['20.19.0', '22.23.3', '24.21.0'];

const cache = join(tmpdir(), `pm2-liveness-nodes-${userInfo().uid}`);
const platform = process.platform === 'win32' ? 'win' : process.platform;
const name = `node-${platform}-${process.arch}`;

/** The path of a Node of just this version, which it says itself; installed where it is not there yet. */
export function nodeBinary(version) {
  ownCache();
  const folder = join(cache, `${name}-${version}`);
  if (!existsSync(folder)) install(version, folder);
  const bin = join(folder, 'node_modules', name, 'bin');
  const file = join(bin, platform === 'win' ? 'node.exe' : 'node');
  const { stdout, error } = spawnSync(file, ['-p', 'process.versions.node'], { encoding: 'utf8' });
  if (stdout?.trim() === version) return file;
  const got = error ? error.message : `it says '${stdout.trim()}'`;
  throw new Error(`Node ${version}: ${got}; remove ${folder} and try again`);
}

/** Another user of the machine may have laid a folder, and programs, in our way. */
function ownCache() {
  mkdirSync(cache, { recursive: true, mode: 0o700 });
  const found = lstatSync(cache);
  if (process.platform === 'win32') return;
  if (found.isDirectory() && found.uid === userInfo().uid && (found.mode & 0o022) === 0) return;
  throw new Error(`${cache} is not a folder of our own; remove it, or set TMPDIR to another place`);
}

/** Installs beside its place and moves it there, so that half an install is never found. */
function install(version, folder) {
  const half = mkdtempSync(join(cache, 'half-'));
  try {
    const options = ['--no-save', '--no-package-lock', '--ignore-scripts', '--loglevel=error'];
    const { status, stderr, error } = spawnSync(
      'npm',
      ['install', '--prefix', half, ...options, `${name}@${version}`],
      { cwd: half, encoding: 'utf8', shell: process.platform === 'win32' },
    );
    if (status !== 0) {
      const why = error?.message ?? stderr.trim().split('\n').slice(0, 3).join(' ');
      throw new Error(`Node ${version}: npm cannot install ${name}@${version}: ${why}`);
    }
    renameSync(half, folder);
  } finally {
    rmSync(half, { recursive: true, force: true });
  }
}
