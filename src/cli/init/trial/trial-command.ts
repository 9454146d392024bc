import { existsSync } from 'node:fs';
import { extname, resolve } from 'node:path';
import { packageManagerOf } from '../../framework/dev-project.ts';
import { INTERPRETERS, wordsOf } from '../../framework/start-words.ts';

/** An app's program as it is started by hand. */
export interface TrialCommand {
  readonly file: string;
  readonly args: readonly string[];
  /** Absolute. */
  readonly cwd: string;
  /** What the app's entry adds to the environment. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * How the app of an entry is started, as PM2 would start one process of it from a file in `dir`; null where only
 * PM2 knows it (an interpreter that is not here, a list of commands).
 */
export function trialCommand(
  app: Readonly<Record<string, unknown>>,
  dir: string,
): TrialCommand | null {
  const program = app['script'] ?? app['cmd'] ?? app['command'];
  if (typeof program !== 'string' || program === '') return null;
  const cwd = resolve(dir, typeof app['cwd'] === 'string' ? app['cwd'] : '');
  const args = wordsOf(app['args']);
  const env = textsOf(app['env']);
  const path = resolve(cwd, program);
  const isFile = existsSync(path);
  if (!isFile && /\s/.test(program)) {
    // PM2 gives such a script to a shell.
    return { file: 'sh', args: ['-c', [program, ...args].join(' ')], cwd, env };
  }
  const options = [...wordsOf(app['node_args']), ...wordsOf(app['interpreter_args'])];
  const chosen = app['interpreter'] ?? app['exec_interpreter'];
  if (chosen === 'none' || (!isFile && packageManagerOf(program) !== null)) {
    return { file: isFile ? path : program, args, cwd, env };
  }
  if (!isFile) return null;
  const end = extname(program);
  if (chosen === undefined && /^\.(?:[cm]?tsx?|coffee|ls)$/.test(end)) return null;
  const own = typeof chosen === 'string' ? chosen : (INTERPRETERS[end] ?? 'node');
  const file = own === 'node' ? process.execPath : own;
  return { file, args: [...options, path, ...args], cwd, env };
}

function textsOf(value: unknown): Readonly<Record<string, string>> {
  if (typeof value !== 'object' || value === null) return {};
  const plain = Object.entries(value).filter(([, each]) => typeof each !== 'object');
  return Object.fromEntries(plain.map(([name, each]) => [name, String(each)]));
}
