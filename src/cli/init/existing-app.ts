import { resolve } from 'node:path';
import { isRecord } from '../../config/bad-value.ts';
import { packageManagerOf, startsDevServer } from '../framework/dev-project.ts';
import { urlOf } from './detect.ts';
import { anyAnswer } from '../proposal/dev-servers.ts';
import { findPort } from './find-port.ts';
import { frameworkIn } from '../proposal/frameworks.ts';
import { readProject, type Project } from './project.ts';
import type { Value } from './edit/value-text.ts';
import { isMonitor } from '../../pm2/monitor-process.ts';

/** A block for an app that lacks one. */
export type Block = Readonly<Record<string, Value>>;

/** Programs that run a script of package.json by its name. */
const RUNNERS: readonly (string | null)[] = ['npm', 'pnpm', 'yarn', 'bun'];

/** True for the entry of a monitor. */
export function isMonitorEntry(app: unknown): boolean {
  return isRecord(app) && isMonitor({ name: app['name'], program: programOf(app) });
}

/** The block for an app of an ecosystem file in `dir` that does not run; null where its port is not known. */
export function blockFor(app: Readonly<Record<string, unknown>>, dir: string): Block | null {
  const { cwd, env } = app;
  const project = readProject(resolve(dir, typeof cwd === 'string' ? cwd : ''));
  const typed = typedOf(app);
  const command = `${typed}\n${scriptOf(app, typed, project)}`;
  const framework = frameworkIn(command);
  if (framework?.command === 'vite' && /\bbuild\b/.test(command)) return null;
  const port = findPort(whole(command), isRecord(env) ? env : {}, project);
  if (port === null) return null;
  // Here each instance has its own port.
  const written = app['increment_var'] === 'PORT' ? '${PORT}' : port;
  if (framework === null || !startsDevServer(command)) {
    return anyAnswer(`http://localhost:${written}/`, whole(command));
  }
  return framework.block(urlOf(written, framework, project.viteConfig));
}

/** Arguments after npm's own go to the program of the script, so both are one command. */
function whole(command: string): string {
  const [typed = '', script = ''] = command.split('\n');
  return script === '' ? typed : `${script} ${typed}`;
}

function typedOf(app: Readonly<Record<string, unknown>>): string {
  const { args } = app;
  const words = Array.isArray(args) ? args.map(String).join(' ') : args;
  return [programOf(app), words].filter((part) => typeof part === 'string').join(' ');
}

/** PM2 also reads `cmd` and `command` as the script. */
function programOf({ script, cmd, command }: Readonly<Record<string, unknown>>): unknown {
  return script || cmd || command;
}

/** The script in package.json that npm runs. */
function scriptOf(
  app: Readonly<Record<string, unknown>>,
  typed: string,
  { scripts }: Project,
): string {
  const [program = ''] = String(programOf(app)).split(' ');
  if (!RUNNERS.includes(packageManagerOf(program))) return '';
  const [, ...words] = typed.split(/\s+/);
  const name = words.find((word) => word !== 'run' && !word.startsWith('-')) ?? 'start';
  return scripts[name] ?? '';
}
