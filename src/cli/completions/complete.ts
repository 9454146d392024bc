import { loadMonitorConfig } from '../../config/load.ts';
import { getStatus } from '../../control/client.ts';
import { socketPathOf } from '../../control/socket-path.ts';
import { sanitizeLine } from '../../text/sanitize.ts';
import type { CliArgument, CliCommand, CliIo } from '../framework/command.ts';
import { HELP } from '../framework/help.ts';
import { COMMON_OPTIONS } from '../framework/parse-arguments.ts';

/** A word that can be typed, and its meaning; empty where the word is enough. */
type Candidate = readonly [word: string, meaning: string];

/** The watched apps, or those that nobody watches. */
type AppKind = 'app' | 'unwatched';

/** Lists the names of apps. */
type ListApps = (kind: AppKind) => Promise<readonly string[]>;

/** Short, because a person waits at the prompt. */
const APPS_MS = 500;

/**
 * `__complete <word>…`, which the shells call: prints the candidates for the last word, see `STUBS`. Never
 * throws and never fails, because an error would be printed into the line that a person types.
 */
export async function complete(
  commands: readonly CliCommand[],
  words: readonly string[],
  io: Pick<CliIo, 'out'>,
  listApps: ListApps = appsOf,
): Promise<0> {
  try {
    const typed = words.at(-1) ?? '';
    const found = await candidatesOf(commands, words, listApps);
    io.out(found === 'files' ? found : 'words');
    for (const [word, meaning] of found === 'files' ? [] : found) {
      if (word.startsWith(unescape(typed))) io.out(meaning === '' ? word : `${word}\t${meaning}`);
    }
  } catch {
    // Offer nothing.
  }
  return 0;
}

async function candidatesOf(
  commands: readonly CliCommand[],
  words: readonly string[],
  listApps: ListApps,
): Promise<readonly Candidate[] | 'files'> {
  const names = commands.map(({ name, summary }): Candidate => [name, summary]);
  const [name, ...after] = words;
  const typed = after.pop();
  if (name === undefined || typed === undefined) return [...names, ['help', HELP]];
  if (name === 'help') return after.length === 0 ? names : [];
  const command = commands.find((each) => each.name === name);
  if (command === undefined) return [];
  const place = placeAfter(command, after);
  if (place === 'value') return [];
  if (typed.startsWith('-') && !after.includes('--')) return optionsOf(command);
  const { arguments: wanted } = command;
  const argument = wanted[place] ?? wanted.find(({ isMany }) => isMany);
  return wordsFor(argument?.completes, listApps);
}

/** The number of arguments before the last word; `value` where the last word is the value of an option. */
function placeAfter(command: CliCommand, words: readonly string[]): number | 'value' {
  let place = 0;
  let isValue = false;
  let isLiteral = false;
  for (const word of words) {
    if (isValue) isValue = false;
    else if (isLiteral || !word.startsWith('-')) place += 1;
    else if (word === '--') isLiteral = true;
    else isValue = takesValue(command, word);
  }
  return isValue ? 'value' : place;
}

function takesValue({ options }: CliCommand, word: string): boolean {
  return Object.entries(options).some(
    ([name, { type, short }]) =>
      type === 'string' && (word === `--${name}` || (short !== undefined && word === `-${short}`)),
  );
}

function optionsOf({ options }: CliCommand): readonly Candidate[] {
  return Object.entries({ ...options, ...COMMON_OPTIONS }).map(([name, { summary }]) => [
    `--${name}`,
    summary,
  ]);
}

async function wordsFor(
  completes: CliArgument['completes'],
  listApps: ListApps,
): Promise<readonly Candidate[] | 'files'> {
  if (completes === 'file') return 'files';
  const words = isAppKind(completes) ? await offeredApps(completes, listApps) : (completes ?? []);
  return words.map((word) => [word, '']);
}

/** Bash passes the typed text unchanged: `my\ app`. */
function unescape(typed: string): string {
  return typed.replace(/\\(.)/gs, '$1');
}

function isAppKind(completes: CliArgument['completes']): completes is AppKind {
  return completes === 'app' || completes === 'unwatched';
}

/** The names of the watched or unwatched apps, without those that have control characters or line ends. */
export async function offeredApps(
  kind: AppKind = 'app',
  listApps: ListApps = appsOf,
): Promise<readonly string[]> {
  return (await listApps(kind)).filter((name) => sanitizeLine(name) === name);
}

/** Only over the socket, which is quick and starts no PM2. Throws where no monitor answers. */
async function appsOf(kind: AppKind): Promise<readonly string[]> {
  const { path } = socketPathOf(loadMonitorConfig().pm2Home);
  const { targets, misconfigured, unwatched } = await getStatus(path, { timeoutMs: APPS_MS });
  if (kind === 'unwatched') return unwatched ?? [];
  return [...new Set([...targets, ...misconfigured].map(({ name }) => name))];
}
