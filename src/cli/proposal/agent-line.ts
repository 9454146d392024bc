import { createRequire } from 'node:module';
import { basename, join, resolve } from 'node:path';
import { isRecord } from '../../config/bad-value.ts';
import { commandsIn, frameworkIn } from './frameworks.ts';

/** An app as far as it matters here: any fields of an ecosystem file, or of PM2's entry. */
export type AgentCandidate = Readonly<Record<string, unknown>>;

const AGENT = 'pm2-liveness/agent';

/** In cluster mode PM2 starts Node in the daemon's folder, which may not have the package. */
const BY_PLACE =
  "node_args: `--import ${require('node:url').pathToFileURL(require.resolve('pm2-liveness/agent'))}`,";

const BY_NAME = `node_args: '--import ${AGENT}',`;

/** Scripts that Node runs: PM2 gives all others to another interpreter. */
const NODE_SCRIPT = /\.[cm]?[jt]s$/;

/** Programs that start the app in a process of its own, which the options of theirs do not reach. */
const RUNNERS: ReadonlySet<string> = new Set(['npm', 'npm-cli', 'npx', 'pnpm', 'yarn', 'bun']);

/**
 * The line that gives an app the agent; null for what is no Node app, for a dev server, where it has the agent already,
 * and where the app would not find it. `dir` is where a relative folder begins.
 */
export function agentLine(app: AgentCandidate, dir: string): string | null {
  if (process.platform === 'win32' || !isNodeApp(app)) return null;
  const options = [app['node_args'], app['interpreter_args'], envOf(app)['NODE_OPTIONS']];
  if (options.flat().some((each) => typeof each === 'string' && each.includes(AGENT))) return null;
  const cwd = textOf(app['cwd']) ?? textOf(app['pm_cwd']) ?? '';
  if (!canResolve(resolve(dir, cwd))) return null;
  const instances = app['instances'];
  const isCluster =
    String(app['exec_mode']).startsWith('cluster') ||
    (app['exec_mode'] === undefined && instances !== undefined && instances !== 1);
  return isCluster ? BY_PLACE : BY_NAME;
}

function isNodeApp(app: AgentCandidate): boolean {
  const script = textOf(app['script']) ?? textOf(app['pm_exec_path']) ?? '';
  const by = textOf(app['interpreter']) ?? textOf(app['exec_interpreter']) ?? 'node';
  if (!NODE_SCRIPT.test(script) || !/^node(?:\.exe)?$/.test(basename(by))) return false;
  if (/(?:^|[\\/])node_modules[\\/]/.test(script) || frameworkIn(script) !== null) return false;
  const block = app['env_liveness'];
  return (
    !(isRecord(block) && 'vite' in block) && !commandsIn(script).some((each) => RUNNERS.has(each))
  );
}

function envOf(app: AgentCandidate): AgentCandidate {
  return isRecord(app['env']) ? app['env'] : app;
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

function canResolve(folder: string): boolean {
  try {
    createRequire(join(folder, 'app.js')).resolve(AGENT);
    return true;
  } catch {
    return false;
  }
}
