import { didYouMean } from '../../text/nearest.ts';
import { ownVersion } from '../../config/own-version.ts';
import { codeOf } from '../../errors.ts';
import { sanitizeLine } from '../../text/sanitize.ts';
import type { CliCommand, CliIo, ExitCode } from './command.ts';
import { commandHelp, programHelp } from './help.ts';
import { sentenceOfError } from './next-step.ts';
import { parseArguments } from './parse-arguments.ts';

/** The exit codes of our errors; 1 for any other. */
const EXIT_CODES: Readonly<Record<string, ExitCode>> = {
  ERR_USAGE: 2,
  ERR_CONFIG: 2,
  ERR_NO_MONITOR: 3,
  ERR_PM2_UNAVAILABLE: 3,
  ERR_PM2_TIMEOUT: 3,
};

const NO_COLOUR = '--no-color';
/** Options that may come before a command. */
const LEADING = ['--help', '--version', NO_COLOUR];
const HELP_WORDS: ReadonlySet<string> = new Set(['help', '--help', '-h']);

/**
 * Runs the typed command. Never throws: an error is printed as one sentence on `err`, and gives its exit
 * code.
 */
export async function dispatch(
  commands: readonly CliCommand[],
  words: readonly string[],
  io: CliIo,
): Promise<ExitCode> {
  // `pm2-liveness --no-color status`: common options may come before the command.
  const [name, ...typed] = words.slice(words.findIndex((word) => word !== NO_COLOUR));
  if (name === undefined || name === NO_COLOUR || HELP_WORDS.has(name)) {
    return help(typed, commands, io);
  }
  if (name === '--version' || name === '-v') {
    io.out(ownVersion());
    return 0;
  }
  const command = commands.find((candidate) => candidate.name === name);
  if (command === undefined) return rejectUnknown(name, commands, io);
  try {
    const given = parseArguments(command, typed);
    if (!given.has('help')) return await command.run(given, io);
    for (const line of commandHelp(command, io)) io.out(line);
    return 0;
  } catch (error) {
    io.err(sentenceOfError(error));
    return EXIT_CODES[codeOf(error) ?? ''] ?? 1;
  }
}

/** The help of the named command, else of the program. */
function help(typed: readonly string[], commands: readonly CliCommand[], io: CliIo): ExitCode {
  const name = typed.find((word) => word !== NO_COLOUR && !HELP_WORDS.has(word));
  const asked = commands.find((command) => command.name === name);
  if (name !== undefined && asked === undefined) return rejectUnknown(name, commands, io);
  for (const line of asked ? commandHelp(asked, io) : programHelp(commands, io)) io.out(line);
  return 0;
}

function rejectUnknown(name: string, commands: readonly CliCommand[], io: CliIo): ExitCode {
  if (name.startsWith('-')) {
    const hint = didYouMean(name, LEADING, 'options of a command come after it');
    io.err(`unknown option ${sanitizeLine(name)} before the command; ${hint}`);
    return 2;
  }
  const names = commands.map((command) => command.name);
  const hint = didYouMean(name, [...names, 'help'], `the commands are ${names.join(', ')}`);
  io.err(`unknown command '${sanitizeLine(name)}'; ${hint}`);
  return 2;
}
