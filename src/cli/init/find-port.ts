import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { devServerIn, type DevServer } from '../proposal/dev-servers.ts';
import { portFlag, portOf, portVariable } from './command-line.ts';
import { codePort } from './edit/code-port.ts';
import type { Project } from './project.ts';

/** A longer file is not read. */
const MOST_BYTES = 1024 * 1024;

/**
 * The port of an app that does not run, with this command (`typed` by the user, and the script that npm runs) and
 * environment; null where nothing says so surely. It is never guessed.
 */
export function findPort(
  command: string,
  env: Readonly<Record<string, unknown>>,
  project: Project,
): number | null {
  const found = devServerIn(command);
  if (found === null) return unknownServer(command, env, project);
  const { server, part } = found;
  const flag = portFlag(part);
  if (flag !== null) return flag;
  // What the command sets is stronger than what PM2 sets, for each variable.
  for (const name of server.portVariables) {
    const port = portVariable(part, name) ?? portOf(env[name]);
    if (port !== null) return port;
  }
  // Its preview server has a port of its own.
  if (server.command === 'vite' && /\bpreview\b/.test(part)) {
    return /\bpreview\s*:/.test(configText(project.dir, server)) ? null : 4173;
  }
  const file =
    server.envFile === 'ignored' ? undefined : envFilePort(project.dir, server.portVariables);
  if (file !== undefined) return server.envFile === 'read' ? file : null;
  const config = portInText(configText(project.dir, server));
  return config === undefined ? server.defaultPort : config;
}

/** The port in a configuration; null where it is computed or there are several, undefined where there is none. */
export function portInText(text: string): number | null | undefined {
  const plain = text
    .replaceAll(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm, '')
    .replaceAll(/\b(?:hmr|preview|proxy)\s*:\s*\{[^{}]*\}/g, '');
  const ports = [...plain.matchAll(/\bport["']?\s*:\s*(\d{2,5}(?![\w.]|\s*[-+*/?|&]))?/g)].map(
    ([, port]) => portOf(port),
  );
  const [first] = ports;
  if (first === undefined) return undefined;
  return ports.every((port) => port === first) ? first : null;
}

function unknownServer(
  command: string,
  env: Readonly<Record<string, unknown>>,
  project: Project,
): number | null {
  const flag = portFlag(command);
  if (flag !== null) return flag;
  const given = portVariable(command, 'PORT') ?? portOf(env['PORT']);
  const text = entryText(command, project.dir);
  if (text === null) return given;
  const file = given === null ? envFilePort(project.dir, ['PORT']) : undefined;
  const port = given ?? file ?? undefined;
  const known = codePort(text, { ...env, ...(port !== undefined && { PORT: port }) });
  // Whether the file is read depends on the code: both ways must lead to the same port.
  if (
    file !== undefined &&
    known !== codePort(text, env) &&
    !readsEnvFile(command, project, text)
  ) {
    return null;
  }
  return known ?? given;
}

/** The text of the program that a command runs, where that is a file of the project. */
function entryText(command: string, dir: string): string | null {
  const words = command.split(/\s+/);
  const isNest = /\bnest\s+start\b/.test(command);
  const files = [...words, ...(isNest ? ['src/main.ts'] : [])].filter(
    (word) => /\.[cm]?[jt]s$/.test(word) && !word.includes('node_modules'),
  );
  const [file] = files.filter((each) => existsSync(join(dir, each)));
  return file === undefined ? null : textOf(join(dir, file));
}

function readsEnvFile(command: string, { dependencies }: Project, text: string): boolean {
  if (/--env-file(?:-if-exists)?=\.env\b/.test(command)) return true;
  return dependencies.includes('@nestjs/config') || /\bdotenv\b/.test(text);
}

/** The first of these variables in `.env`; undefined where none is there. */
function envFilePort(dir: string, variables: readonly string[]): number | null | undefined {
  const names = ['.env.development.local', '.env.local', '.env.development', '.env'];
  const texts = names.map((name) => textOf(join(dir, name)) ?? '');
  for (const variable of variables) {
    const pattern = `^\\s*(?:export\\s+)?${variable}\\s*=\\s*["']?(\\S+?)["']?\\s*(?:#.*)?$`;
    for (const text of texts) {
      const line = new RegExp(pattern, 'm').exec(text);
      if (line !== null) return portOf(line[1]);
    }
  }
  return undefined;
}

function configText(dir: string, { configs }: DevServer): string {
  const names = configs.flatMap((name) => [
    ...['js', 'mjs', 'ts', 'cjs', 'mts', 'cts'].map((end) => `${name}.config.${end}`),
    `${name}.json`,
    `${name}.js`,
    name,
  ]);
  const name = names.find((each) => textOf(join(dir, each)) !== null);
  return name === undefined ? '' : (textOf(join(dir, name)) ?? '');
}

function textOf(path: string): string | null {
  try {
    const found = statSync(path);
    return found.isFile() && found.size <= MOST_BYTES ? readFileSync(path, 'utf8') : null;
  } catch {
    return null; // there is none
  }
}
