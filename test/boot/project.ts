import { cpSync, mkdirSync, realpathSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';

const project = fileURLToPath(new URL('../..', import.meta.url));

/** Where the project lies in the container. */
export const PROJECT = '/srv/app';
const NPM = '/usr/local/lib/node_modules/npm';

/** The Node that runs this test and its npm, as `--bind-ro` takes them: they are not what is tested. */
export function nodeBinds(): readonly string[] {
  const npm = realpathSync(join(dirname(process.execPath), 'npm'));
  return [`${process.execPath}:/usr/local/bin/node`, `${dirname(dirname(npm))}:${NPM}`];
}

/** Copies the built project with what it needs into a root folder, and makes npm known there. */
export async function installProject(root: string): Promise<void> {
  const target = join(root, PROJECT);
  mkdirSync(target, { recursive: true });
  for (const name of ['package.json', 'ecosystem.config.cjs', 'dist', 'example']) {
    cpSync(join(project, name), join(target, name), {
      recursive: true,
      filter: (path) => !path.endsWith('node_modules'),
    });
  }
  // Vite writes into it, so that it cannot be shared.
  const modules = realpathSync(join(project, 'node_modules'));
  await execa('cp', ['-a', '--reflink=auto', modules, join(target, 'node_modules')]);
  mkdirSync(join(root, 'usr/local/bin'), { recursive: true });
  for (const name of ['npm', 'npx']) {
    symlinkSync(`${NPM}/bin/${name}-cli.js`, join(root, 'usr/local/bin', name));
  }
}
