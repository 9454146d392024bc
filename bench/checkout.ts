import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { OWN_ROOT } from './subject/measure.ts';

const run = promisify(execFile);

/** Another build, to be measured beside this one. */
export interface Checkout {
  readonly name: string;
  readonly root: URL;
  close(): Promise<void>;
}

/**
 * Checks out a revision of this repository and builds it with the packages installed here; or uses the folder
 * of a checkout, and builds it if needed. `close` removes the checked-out files.
 */
export async function checkOut(what: string): Promise<Checkout> {
  if (existsSync(join(what, 'package.json'))) {
    const root = pathToFileURL(`${what.replace(/\/$/, '')}/`);
    if (!existsSync(new URL('dist', root))) await build(root);
    return { name: what, root, close: async () => undefined };
  }
  const folder = await mkdtemp(join(tmpdir(), 'plb-'));
  const own = OWN_ROOT.pathname;
  await run('git', ['worktree', 'add', '--detach', '--force', folder, what], { cwd: own });
  const close = async (): Promise<void> => {
    await run('git', ['worktree', 'remove', '--force', folder], { cwd: own });
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await symlink(join(own, 'node_modules'), join(folder, 'node_modules'));
    const root = pathToFileURL(`${folder}/`);
    await build(root);
    return { name: what, root, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function build(root: URL): Promise<void> {
  const tsc = join(root.pathname, 'node_modules/.bin/tsc');
  await run(tsc, ['-p', 'tsconfig.build.json'], { cwd: root.pathname });
}
