import { didYouMean } from '../config/nearest.ts';
import { ownVersion } from '../config/own-version.ts';
import { codeOf, messageOf } from '../errors.ts';
import { harmless } from '../report/harmless.ts';
import type { CliCommand, CliIo, ExitCode } from './command.ts';
import { commandHelp, programHelp } from './help.ts';
import { parseArguments } from './parse-arguments.ts';

/** What an error of ours ends with; 1 for any other. */
const EXIT_CODES: Readonly<Record<string, ExitCode>> = {
  ERR_USAGE: 2,
  ERR_CONFIG: 2,
  ERR_NO_MONITOR: 3,
  ERR_PM2_UNAVAILABLE: 3,
  ERR_PM2_TIMEOUT: 3,
};

/** Runs what was typed. Never throws: an error is one sentence on `err`, and its exit code. */
export async function dispatch(
  commands: readonly CliCommand[],
  [name, ...typed]: readonly string[],
  io: CliIo,
): Promise<ExitCode> {
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
    const asked = commands.find((command) => command.name === typed[0]);
    for (const line of asked ? commandHelp(asked, io) : programHelp(commands, io)) io.out(line);
    return 0;
  }
  if (name === '--version' || name === '-v') {
    io.out(ownVersion());
    return 0;
  }
  const command = commands.find((candidate) => candidate.name === name);
  if (command === undefined) {
    io.err(`unknown command '${harmless(name)}'; ${hintOf(name, commands)}`);
    return 2;
  }
  try {
    const given = parseArguments(command, typed);
    if (!given.has('help')) return await command.run(given, io);
    for (const line of commandHelp(command, io)) io.out(line);
    return 0;
  } catch (error) {
    io.err(harmless(messageOf(error)));
    return EXIT_CODES[codeOf(error) ?? ''] ?? 1;
  }
}

function hintOf(name: string, commands: readonly CliCommand[]): string {
  const names = commands.map((command) => command.name);
  return didYouMean(name, names, `the commands are ${names.join(', ')}`);
}
