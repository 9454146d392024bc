import { basename, extname, isAbsolute, join, resolve } from 'node:path';
import { isRecord } from '../../config/bad-value.ts';
import { readBlock, type TargetConfig } from '../../config/target-config.ts';
import type { ManagedProcess } from '../../pm2/process.ts';
import { INTERPRETERS, wordsOf } from '../framework/start-words.ts';

/** An app as another supervisor starts and probes it. */
export interface ExportedApp {
  readonly name: string;
  readonly cwd: string;
  /** The program and its arguments. */
  readonly command: readonly [string, ...string[]];
  /** The variables whose values are no secret for sure. */
  readonly env: Readonly<Record<string, string>>;
  /** The names of the others that its file sets; PM2's list does not say which those are. */
  readonly otherVariables: readonly string[];
  readonly instances: number;
  readonly killTimeoutMs: number;
  readonly config: TargetConfig;
}

/** An app that cannot be exported, and why. */
export interface NotExported {
  readonly name: string;
  readonly reason: string;
  /** True where it has no block. */
  readonly isUnwatched?: true;
}

/** Their values are printed; those of all others may be secrets. */
const NO_SECRETS = new Set(['PORT', 'HOST', 'HOSTNAME', 'NODE_ENV', 'TZ', 'LANG', 'BASE_URL']);

const NODE_FILES = new Set(['.js', '.cjs', '.mjs', '.ts', '.cts', '.mts']);

/** An app that PM2 runs. */
export function runningApp(process: ManagedProcess, instances: number): ExportedApp | NotExported {
  const { name, cwd, env, block, killTimeoutMs } = process;
  const read = configOf(block, env);
  if ('reason' in read) return { name, ...read };
  const script = textOf(env['pm_exec_path']) ?? '';
  const interpreter = textOf(env['exec_interpreter']) ?? 'node';
  const options = wordsOf(env['node_args']);
  const command = commandOf(script, interpreter, options, wordsOf(env['args']));
  const shown = plainValues(env);
  return {
    name,
    cwd,
    command,
    env: shown,
    otherVariables: [],
    instances,
    killTimeoutMs,
    config: read,
  };
}

/** An app of an ecosystem file in `folder`. */
export function writtenApp(app: unknown, folder: string): ExportedApp | NotExported {
  if (!isRecord(app)) return { name: '?', reason: 'its entry is no object' };
  const script = textOf(app['script']) ?? textOf(app['cmd']) ?? textOf(app['command']);
  const name = textOf(app['name']) ?? basename(script ?? '?', extname(script ?? ''));
  if (script === undefined) return { name, reason: 'its entry has no script' };
  const env = isRecord(app['env']) ? app['env'] : {};
  const config = configOf(app['env_liveness'], env);
  if ('reason' in config) return { name, ...config };
  const cwd = resolve(folder, textOf(app['cwd']) ?? '.');
  const options = wordsOf(app['node_args'] ?? app['interpreter_args']);
  const interpreter =
    textOf(app['interpreter'] ?? app['exec_interpreter']) ?? interpreterOf(script);
  // A name alone is a program of the system: PM2 looks for it on the PATH.
  const isProgram = interpreter === 'none' && !script.includes('/');
  const path = isProgram || isAbsolute(script) ? script : join(cwd, script);
  const shown = plainValues(env);
  return {
    name,
    cwd,
    command: / /.test(script)
      ? ['/bin/sh', '-c', script]
      : commandOf(path, interpreter, options, wordsOf(app['args'])),
    env: shown,
    otherVariables: Object.keys(env).filter((key) => !(key in shown)),
    instances: typeof app['instances'] === 'number' ? Math.max(1, app['instances']) : 1,
    killTimeoutMs: typeof app['kill_timeout'] === 'number' ? app['kill_timeout'] : 1_600,
    config,
  };
}

function commandOf(
  script: string,
  interpreter: string,
  options: readonly string[],
  args: readonly string[],
): readonly [string, ...string[]] {
  if (interpreter === 'none') return [script, ...args];
  return [interpreter, ...options, script, ...args];
}

function interpreterOf(script: string): string {
  const end = extname(script);
  return NODE_FILES.has(end) ? 'node' : (INTERPRETERS[end] ?? 'none');
}

/** The settings of its block, or why there are none; without any of its values. */
function configOf(
  block: unknown,
  env: Readonly<Record<string, unknown>>,
): TargetConfig | Omit<NotExported, 'name'> {
  if (block === undefined) return { reason: 'it has no env_liveness block', isUnwatched: true };
  const read = readBlock(block, env);
  if (read.ok) return read.config;
  const reason = `its env_liveness block cannot be used (${read.problems[0]?.path}); \`pm2-liveness doctor\` says why`;
  return { reason };
}

function plainValues(env: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => {
      const isPlain = typeof value === 'string' || typeof value === 'number';
      return NO_SECRETS.has(name) && isPlain ? [[name, String(value)]] : [];
    }),
  );
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
