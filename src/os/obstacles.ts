import type { Stats } from 'node:fs';
import { delimiter, dirname, isAbsolute, resolve } from 'node:path';
import { lookAt } from './look-at.ts';

/** A path without which PM2 cannot start an app, what it is to the app (`its log folder`), and what is wrong with it. */
export interface Obstacle {
  readonly what: string;
  readonly path: string;
  /** Continues the path: `is missing`, `is not a folder`, … */
  readonly problem: string;
}

/** PM2's environment of an app, in its list or in its saved list. */
type Pm2Env = Readonly<Record<string, unknown>>;

/** What a path has to be. */
type Kind = 'folder' | 'file' | 'program' | 'log';

interface Need {
  readonly what: string;
  readonly path: string;
  readonly kind: Kind;
}

/** The name of a program, and no path. */
const PROGRAM = /^[\w.+-]+$/;

/** PM2 opens no log there. */
const NO_LOG = /NULL|\/dev\/null/;

const ANY_EXECUTE = 0o111;

/**
 * What surely prevents PM2 from starting an app: its folder, interpreter, script, log folders and log files,
 * in this order, each path once; empty where all can be used, as far as can be seen.
 */
export async function obstaclesOf(env: Pm2Env): Promise<readonly Obstacle[]> {
  const found = new Map<string, Obstacle>();
  for (const { what, path, kind } of needsOf(env)) {
    const problem = problemOf(await lookAt(path), kind);
    if (problem !== null && !found.has(path)) found.set(path, { what, path, problem });
  }
  const program = await missingProgramOf(env);
  return [...found.values(), ...(program === null ? [] : [program])];
}

/** One sentence part that names each obstacle: `its folder /a is missing, its log folder /b is not a folder`. */
export function obstaclesText(obstacles: readonly Obstacle[]): string {
  return obstacles.map(({ what, path, problem }) => `${what} ${path} ${problem}`).join(', ');
}

/** The absolute paths without which a start fails. */
function needsOf(env: Pm2Env): readonly Need[] {
  const { pm_cwd: cwd, pm_exec_path: script, exec_interpreter: interpreter } = env;
  const logs = [env['pm_out_log_path'], env['pm_err_log_path'], env['pm_log_path']];
  const files = logs.filter(isPath).filter((log) => !NO_LOG.test(log));
  const isProgram = interpreter === 'none';
  return [
    ...(isPath(cwd) ? [needOf('its folder', cwd, 'folder')] : []),
    ...(isPath(interpreter) ? [needOf('its interpreter', interpreter, 'program')] : []),
    ...(isPath(script) ? [needOf('its script', script, isProgram ? 'program' : 'file')] : []),
    ...files.map((log) => needOf('its log folder', dirname(log), 'folder')),
    ...files.map((log) => needOf('its log file', log, 'log')),
  ];
}

function needOf(what: string, path: string, kind: Kind): Need {
  return { what, path, kind };
}

/** What is wrong with what is at a path; null where nothing surely is. */
function problemOf(there: Stats | 'missing' | 'unknown', kind: Kind): string | null {
  if (there === 'unknown') return null;
  // PM2 creates a log file.
  if (there === 'missing') return kind === 'log' ? null : 'is missing';
  if (kind === 'folder') return there.isDirectory() ? null : 'is not a folder';
  // Node runs a folder with an index.js, or a package.json.
  if (there.isDirectory()) return kind === 'file' ? null : 'is a folder';
  const isBarred = kind === 'program' && (there.mode & ANY_EXECUTE) === 0;
  return isBarred && process.platform !== 'win32' ? 'may not be executed' : null;
}

/** An interpreter that the system searches in PATH for PM2, as `python3`. */
async function missingProgramOf(env: Pm2Env): Promise<Obstacle | null> {
  const { exec_interpreter: interpreter, PATH: folders, pm_cwd: cwd } = env;
  if (typeof interpreter !== 'string' || interpreter === 'none') return null;
  // Unknown where it is not known how the system searches.
  if (!PROGRAM.test(interpreter) || process.platform === 'win32') return null;
  if (typeof folders !== 'string' || folders === '') return null;
  const from = typeof cwd === 'string' ? cwd : '/';
  for (const folder of folders.split(delimiter)) {
    const there = await lookAt(resolve(from, folder, interpreter));
    if (there !== 'missing') return null;
  }
  return { what: 'its interpreter', path: interpreter, problem: 'is missing' };
}

function isPath(value: unknown): value is string {
  return typeof value === 'string' && isAbsolute(value);
}
