import { basename } from 'node:path';
import { NODE_OPTIONS_WITH_VALUE } from '../../os/node-options.ts';

/** The work of an installer. */
export interface InstallerCommand {
  /** For a person: `npm ci`. */
  readonly label: string;
  /** The folder that it was given on its command line; null where it works in its own. */
  readonly folder: string | null;
}

/** The programs that put packages into a folder. */
type Tool = 'npm' | 'pnpm' | 'yarn' | 'bun';

const npmInstall =
  'install i in ins inst insta instal isnt isnta isntal isntall add ci clean-install ic install-clean isntall-clean install-test it install-ci-test cit sit clean-install-test uninstall unlink remove rm r un update up upgrade u udpate dedupe ddp find-dupes prune link ln rebuild rb';

/** The words that begin work on node_modules, from each tool's own list of commands and aliases. */
const COMMANDS: Readonly<Record<Tool, ReadonlySet<string>>> = {
  npm: setOf(npmInstall),
  pnpm: setOf(
    'install i ci clean-install install-clean ic add remove rm uninstall un update up upgrade import dedupe prune rebuild rb link ln unlink dislink install-test it deploy fetch',
  ),
  yarn: setOf(
    'install add remove upgrade upgrade-interactive up dedupe rebuild link unlink import',
  ),
  bun: setOf('install i ci add a remove rm uninstall update link unlink'),
};

/** Words before the command that do not end the search for it: `pnpm -r install`, `yarn workspaces focus`. */
const PREFIXES: Readonly<Record<Tool, ReadonlySet<string>>> = {
  npm: setOf(''),
  pnpm: setOf('recursive multi m'),
  yarn: setOf(''),
  bun: setOf(''),
};

/** Options that take the next word as their value. */
const VALUED: Readonly<Record<Tool, ReadonlySet<string>>> = {
  npm: setOf(
    '--prefix -C --workspace -w --registry --loglevel --cache --userconfig --omit --include',
  ),
  pnpm: setOf(
    '--dir -C --prefix --filter -F --filter-prod --registry --store-dir --virtual-store-dir --modules-dir --reporter --loglevel --workspace-concurrency --network-concurrency',
  ),
  yarn: setOf(
    '--cwd --registry --mutex --modules-folder --cache-folder --network-timeout --network-concurrency --mode --use-yarnrc',
  ),
  bun: setOf('--cwd --registry --backend --cache-dir -c --config --filter --linker'),
};

/** Options that say in which folder the tool works. */
const FOLDERS: ReadonlySet<string> = setOf('--prefix -C --dir --cwd');

/** What works for all of this machine is not at work in any project. */
const GLOBAL: ReadonlySet<string> = setOf('-g --global --location=global');

const RUNTIMES = /^(?:node|nodejs)(?:\.exe)?$/;

/** More words than this are of no installer that a person types. */
const MOST_WORDS = 64;

/**
 * What a command line has a package manager do in a project; null for any other program, and for those
 * that run a script or a package (`npm run dev`, `npm start`, `npx`): they are how apps are started.
 */
export function installerOf(commandLine: readonly string[]): InstallerCommand | null {
  const found = toolIn(commandLine.slice(0, MOST_WORDS));
  if (found === null) return null;
  const { tool, words } = found;
  const command = commandIn(tool, words);
  if (command === null) return null;
  return { label: `${tool} ${command}`, folder: folderIn(words) };
}

/** The tool, and the words behind its name. npm writes `npm ci` over its own command line, without options. */
function toolIn(
  commandLine: readonly string[],
): { readonly tool: Tool; readonly words: readonly string[] } | null {
  const [first = '', ...rest] = commandLine;
  const title = /^(npm) (.+)$/.exec(first);
  if (title !== null) return { tool: 'npm', words: (title[2] ?? '').split(' ') };
  const words = RUNTIMES.test(basename(first)) ? withoutOptions(rest) : commandLine;
  const [program = '', ...given] = words;
  const name = toolNamed(basename(program));
  if (name !== 'corepack') return name === null ? null : { tool: name, words: given };
  const [inner = '', ...innerWords] = given;
  const innerName = toolNamed(inner.replace(/@.*$/, ''));
  return innerName === null || innerName === 'corepack'
    ? null
    : { tool: innerName, words: innerWords };
}

/** Of Node itself: `node --no-warnings -r ./hook.js /usr/bin/yarn`. */
function withoutOptions(words: readonly string[]): readonly string[] {
  const script = words.findIndex(
    (word, at) => !word.startsWith('-') && !NODE_OPTIONS_WITH_VALUE.has(words[at - 1] ?? ''),
  );
  return script === -1 ? [] : words.slice(script);
}

/** `yarn-4.1.0.cjs`, `yarn-berry.cjs` and `npm-cli.js` are the tools themselves; `npx` and `bunx` are not. */
function toolNamed(file: string): Tool | 'corepack' | null {
  const name = file.replace(/\.(?:c?js|mjs|exe)$/, '').replace(/-(?:cli|berry|\d[\w.-]*)$/, '');
  switch (name) {
    case 'npm':
    case 'pnpm':
    case 'yarn':
    case 'bun':
    case 'corepack':
      return name;
    case 'yarnpkg':
      return 'yarn';
    case 'pn':
      return 'pnpm';
    default:
      return null;
  }
}

/** The command that works on node_modules; null where it is another one. */
function commandIn(tool: Tool, words: readonly string[]): string | null {
  if (words.some((word) => GLOBAL.has(word))) return null;
  const plain: string[] = [];
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? '';
    if (VALUED[tool].has(word)) index += 1;
    else if (!word.startsWith('-') && !isValue(word) && !PREFIXES[tool].has(word)) plain.push(word);
  }
  const [first, second, third] = plain;
  // Without a word yarn installs; the others show their help.
  if (first === undefined) return tool === 'yarn' && !isHelp(words) ? 'install' : null;
  if (COMMANDS[tool].has(first)) return first;
  if (tool === 'npm' && first === 'audit' && second === 'fix') return 'audit fix';
  if (tool !== 'yarn') return null;
  if (first === 'workspaces' && second === 'focus') return 'workspaces focus';
  return first === 'workspace' && COMMANDS.yarn.has(third ?? '') ? (third ?? null) : null;
}

/** The value of an option that is not known to have one. */
function isValue(word: string): boolean {
  return /^[./~]|:\/\//.test(word);
}

function isHelp(words: readonly string[]): boolean {
  return words.some((word) => /^(?:-h|--help|-v|--version)$/.test(word));
}

function folderIn(words: readonly string[]): string | null {
  for (const [index, word] of words.entries()) {
    const [name = '', value] = word.split(/=(.*)/s, 2);
    if (FOLDERS.has(name)) return value ?? words[index + 1] ?? null;
  }
  return null;
}

function setOf(words: string): ReadonlySet<string> {
  return new Set(words.split(' '));
}
