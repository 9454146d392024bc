#!/usr/bin/env node
import { loadColourWishes } from '../config/load.ts';
import type { CliIo } from './command.ts';
import { COMMANDS } from './commands.ts';
import { dispatch } from './dispatch.ts';
import { onlyColours, styleFor } from './style.ts';

const NARROWEST = 40;
const USUAL_COLUMNS = 80;

// A pipe that is closed early (`| head`) ends the output, and is no error.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => process.exit());
const typed = process.argv.slice(2);
process.exitCode = await dispatch(COMMANDS, typed, terminal());
// PM2's library keeps sockets and timers of its own: without this the program would not end.
process.exit();

function terminal(): CliIo {
  const ending = new AbortController();
  process.once('SIGINT', () => ending.abort());
  const isTerminal = process.stdout.isTTY;
  return {
    out: (line) => process.stdout.write(`${onlyColours(line)}\n`),
    err: (line) => process.stderr.write(`${onlyColours(line)}\n`),
    clear: () => process.stdout.write('\u001B[H\u001B[2J'),
    style: styleFor(isTerminal, loadColourWishes(), typed.includes('--no-color')),
    isTerminal,
    columns: Math.max(NARROWEST, process.stdout.columns ?? USUAL_COLUMNS),
    signal: ending.signal,
  };
}
