import { dropPort, plainWords } from './command-line.ts';
import { anyAnswer, devServerIn } from '../proposal/dev-servers.ts';
import { findPort } from './find-port.ts';
import { frameworkIn, FRAMEWORKS, packageOf, type Framework } from '../proposal/frameworks.ts';
import { startsDevServer } from '../framework/dev-project.ts';
import { programOf, type Project } from './project.ts';
import type { Value } from './edit/value-text.ts';

/** A block in a file. */
type Block = Readonly<Record<string, Value>>;

/** An entry of `apps`. */
export type AppEntry = Readonly<Record<string, Value>>;

const NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;
/** Names that PM2's commands read as something else. */
const TAKEN = /^(?:\d+|all|pm2-liveness)$/;

/** The app of a project, as an entry for an ecosystem file; null where there is nothing to run. */
export function detectApp(project: Project): AppEntry | null {
  const { scripts, dependencies } = project;
  const script = ['dev', 'start'].find((name) => scripts[name] !== undefined);
  const command = script === undefined ? null : (scripts[script] ?? null);
  const framework =
    command === null
      ? (FRAMEWORKS.find((each) => dependencies.includes(packageOf(each))) ?? null)
      : frameworkIn(command);
  if (framework === null) return script === undefined ? null : byScript(project, script, null);
  const flags = flagsOf(framework, command);
  if (flags !== null) return byProgram(project, framework, command ?? '', flags);
  return script === undefined ? null : byScript(project, script, framework);
}

/** The page to probe, below Vite's base (also in Astro and React Router) where that is a plain text. */
export function urlOf(port: number | string, framework: Framework, viteConfig: string): string {
  const base = /\bbase\s*:\s*(['"])(\/[^'"\s]*)\1/.exec(viteConfig)?.[2] ?? '/';
  const hasBase = ['vite', 'astro', 'react-router'].includes(framework.command);
  const path = hasBase ? base.replace(/([^/])$/, '$1/') : '/';
  // Both 127.0.0.1 and ::1: which of them a dev server takes depends on its version.
  return `http://localhost:${port}${path}`;
}

function nameOf({ name }: Project): string {
  const last = name?.replace(/^@[^/]*\//, '') ?? '';
  return NAME.test(last) && !TAKEN.test(last) ? last : 'web';
}

/** The arguments after the command; null where a shell or another program takes part. */
function flagsOf(
  { command, subcommand }: Framework,
  line: string | null,
): readonly string[] | null {
  if (line === null) return [];
  const words = plainWords(line);
  if (words === null || words[0] !== command) return null;
  if (subcommand !== null) return words[1] === subcommand ? dropPort(words.slice(2)) : null;
  if (/^(?:build|preview|optimize)$/.test(words[1] ?? '')) return null;
  return dropPort(words.slice(/^(?:dev|serve)$/.test(words[1] ?? '') ? 2 : 1));
}

/**
 * The entry that runs the program itself, without npm, so that PM2 watches, measures and stops the real
 * process.
 */
function byProgram(
  project: Project,
  framework: Framework,
  line: string,
  flags: readonly string[],
): AppEntry {
  const { command, program, subcommand, portWords, env, block } = framework;
  const folder = packageOf(framework);
  // Its own default where nothing is sure: the arguments set it, so that it is true.
  const port = findPort(line === '' ? command : line, {}, project) ?? framework.defaultPort;
  const args = [...(subcommand === null ? [] : [subcommand]), ...flags, ...portWords(port)];
  const variables = env(port);
  return {
    name: nameOf(project),
    script: programOf(project.dir, folder, command) ?? `node_modules/${folder}/${program}`,
    args: args.join(' '),
    ...(Object.keys(variables).length > 0 && { env: variables }),
    env_liveness: block(urlOf(port, framework, project.viteConfig)),
  };
}

/**
 * The entry that runs the script with npm, so that all steps of the script run. It has a block only where the
 * port is known, and nothing in it sets another port.
 */
function byScript(project: Project, script: string, framework: Framework | null): AppEntry {
  const line = project.scripts[script] ?? '';
  const port = findPort(line, {}, project);
  const env = framework !== null && port !== null ? framework.env(port) : {};
  return {
    name: nameOf(project),
    script: 'npm',
    args: `run ${script}`,
    ...(Object.keys(env).length > 0 && { env }),
    ...(port !== null && { env_liveness: scriptBlock(project, line, port) }),
  };

  function scriptBlock({ viteConfig }: Project, command: string, at: number): Block {
    const started = frameworkIn(devServerIn(command)?.part ?? '');
    if (started === null || !startsDevServer(command)) {
      return anyAnswer(`http://localhost:${at}/`, command);
    }
    return started.block(urlOf(at, started, viteConfig));
  }
}
