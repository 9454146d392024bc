#!/usr/bin/env node
import type { CliCommand, CliIo, ExitCode } from './command.ts';
import { start } from './start.ts';
import { status } from './status.ts';
import { stop } from './stop.ts';

const COMMANDS: readonly CliCommand[] = [start, stop, status];

const io: CliIo = {
  out: (line) => process.stdout.write(`${line}\n`),
  err: (line) => process.stderr.write(`${line}\n`),
};

process.exitCode = await run(process.argv.slice(2));
// PM2's library keeps sockets and timers of its own: without this the program would not end.
process.exit();

async function run([name, ...args]: readonly string[]): Promise<ExitCode> {
  const command = COMMANDS.find((candidate) => candidate.name === name);
  const asksForHelp = name === undefined || name === 'help' || [name, ...args].includes('--help');
  if (asksForHelp) {
    help(command);
    return 0;
  }
  if (command) return command.run(args, io);
  io.err(`unknown command '${name}'; pm2-liveness knows ${COMMANDS.map((c) => c.name).join(', ')}`);
  return 2;
}

function help(command: CliCommand | undefined): void {
  if (command) return io.out(`${command.summary}\n\nUsage: ${command.usage}`);
  io.out('Usage: pm2-liveness <command>\n');
  for (const { name, summary } of COMMANDS) io.out(`  ${name.padEnd(8)}${summary}`);
}
