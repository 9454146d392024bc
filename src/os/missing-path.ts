import { delimiter, dirname, isAbsolute, resolve } from 'node:path';
import { isThere } from './path-there.ts';

/** A path that is not there, and what it is to the app: `its log folder`. */
interface MissingPath {
  readonly what: string;
  readonly path: string;
}

/** PM2's environment of an app, in its list or in its saved list. */
type Pm2Env = Readonly<Record<string, unknown>>;

/** The name of a program, and no path. */
const PROGRAM = /^[\w.+-]+$/;

/** PM2 opens no log there. */
const NO_LOG = /NULL|\/dev\/null/;

/**
 * The first path that PM2 needs to start an app and that is surely not there: its folder, interpreter,
 * script or a log folder; null where all are there, as far as can be seen.
 */
export async function missingPathOf(env: Pm2Env): Promise<MissingPath | null> {
  for (const { what, path } of neededBy(env)) {
    if (!(await isThere(path))) return { what, path };
  }
  return missingProgramOf(env);
}

/** The absolute paths without which a start fails. */
function neededBy(env: Pm2Env): readonly MissingPath[] {
  const { pm_cwd: cwd, pm_exec_path: script, exec_interpreter: interpreter } = env;
  const logs = [env['pm_out_log_path'], env['pm_err_log_path'], env['pm_log_path']];
  const folders = logs.filter(isPath).filter((log) => !NO_LOG.test(log));
  return [
    ...(isPath(cwd) ? [{ what: 'its folder', path: cwd }] : []),
    ...(isPath(interpreter) ? [{ what: 'its interpreter', path: interpreter }] : []),
    ...(isPath(script) ? [{ what: 'its script', path: script }] : []),
    ...folders.map((log) => ({ what: 'its log folder', path: dirname(log) })),
  ];
}

/** An interpreter that the system searches in PATH for PM2, as `python3`. */
async function missingProgramOf(env: Pm2Env): Promise<MissingPath | null> {
  const { exec_interpreter: interpreter } = env;
  if (typeof interpreter !== 'string' || interpreter === 'none') return null;
  const isMissing = PROGRAM.test(interpreter) && (await isPathMissing(env, interpreter));
  return isMissing ? { what: 'its interpreter', path: interpreter } : null;
}

/** True where a path, or a program that the app's PATH is searched for, is surely not there. */
export async function isPathMissing(env: Pm2Env, path: string): Promise<boolean> {
  if (isAbsolute(path)) return !(await isThere(path));
  const { PATH: folders, pm_cwd: cwd } = env;
  // Unknown where it is not known how the system searches.
  if (typeof folders !== 'string' || folders === '' || process.platform === 'win32') return false;
  const from = typeof cwd === 'string' ? cwd : '/';
  for (const folder of folders.split(delimiter)) {
    if (await isThere(resolve(from, folder, path))) return false;
  }
  return true;
}

function isPath(value: unknown): value is string {
  return typeof value === 'string' && isAbsolute(value);
}
