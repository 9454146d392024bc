import { join } from 'node:path';
import type { BoundedFiles } from '../../os/bounded-files.ts';
import type { ManagedProcess } from '../../pm2/process.ts';
import { projectOf } from '../deploy/project-folder.ts';
import { CONFIG_NAMES } from '../deploy/saved-config.ts';
import { filesNamedIn } from './named-files.ts';

/** What a person saves to get an app up again, beside its script and what its error names (DESIGN §11). */
const OWN_NAMES = namesIn(`
  package.json
  .env .env.local .env.development .env.development.local .env.production .env.production.local
`);

/** What an installer leaves; in the app's folder, or in that of its workspace. */
const PROJECT_NAMES = namesIn(`
  package-lock.json npm-shrinkwrap.json pnpm-lock.yaml yarn.lock bun.lock bun.lockb
  .pnp.cjs node_modules
`);

/** Of the app's error log. */
const LOG_BYTES = 16_384;

/** The paths whose change may bring an app up again. Bounded, also where the app's errors name thousands. */
export async function watchedPaths(
  { cwd, env, errorLog }: ManagedProcess,
  detail: string,
  files: BoundedFiles,
): Promise<readonly string[]> {
  if (cwd === '') return [];
  const own = [...OWN_NAMES, ...CONFIG_NAMES].map((name) => join(cwd, name));
  const real = (await files.target(cwd)) ?? cwd;
  const project = await projectOf(real, files);
  const folders = [...new Set([cwd, project])];
  const shared = folders.flatMap((folder) => PROJECT_NAMES.map((name) => join(folder, name)));
  const { pm_exec_path: script } = env;
  const scripts = typeof script === 'string' && script.includes('/') ? [script] : [];
  const text = errorLog === null ? '' : ((await files.text(errorLog, LOG_BYTES)) ?? '');
  const named = await namedIn(`${text}\n${detail}`, [cwd, real], files);
  return [...new Set([...scripts, ...own, ...shared, ...named])];
}

/** Only files that are, or could be, in the app's folder: a link may lead anywhere. */
async function namedIn(
  text: string,
  [cwd, real]: readonly [cwd: string, real: string],
  files: BoundedFiles,
): Promise<readonly string[]> {
  const found: string[] = [];
  for (const path of filesNamedIn(text, [...new Set([cwd, real])])) {
    const target = await files.target(path);
    const isInside = target === null || target.startsWith(`${real}/`);
    if (isInside) found.push(path);
  }
  return found;
}

function namesIn(text: string): readonly string[] {
  return text.trim().split(/\s+/);
}
