#!/usr/bin/env node
import { loadColourSettings } from '../config/load.ts';
import type { CliIo } from './framework/command.ts';
import { COMMANDS } from './commands.ts';
import { complete } from './completions/complete.ts';
import { dispatch } from './framework/dispatch.ts';
import { messageLines } from './framework/message.ts';
import { flush, watchOutput } from './framework/output.ts';
import { styleFor } from './framework/style.ts';
import { keepColours } from '../text/sanitize.ts';

/** On a narrower terminal no word would fit. */
const NARROWEST = 20;
/** The width of a terminal that does not report one. */
const USUAL_COLUMNS = 80;

const { stdout, stderr } = process;
const ending = new AbortController();
const output = watchOutput(stdout, stderr, () => ending.abort());
const typed = process.argv.slice(2);
const io = terminal();
const [name, ...words] = typed;
const code =
  name === '__complete' ? await complete(COMMANDS, words, io) : await dispatch(COMMANDS, typed, io);
await flush(stdout, stderr);
// PM2's library keeps sockets and timers open: without this the program would not exit.
process.exit(output.isWhole() ? code : code || 1);

function terminal(): CliIo {
  process.once('SIGINT', () => ending.abort());
  const isTerminal = stdout.isTTY;
  const width = (): number =>
    isTerminal ? Math.max(NARROWEST, stdout.columns || USUAL_COLUMNS) : Infinity;
  return {
    out: (line) => stdout.write(`${keepColours(line)}\n`),
    err: (message) => stderr.write(`${messageLines(keepColours(message), width()).join('\n')}\n`),
    clear: () => stdout.write('\u001B[H\u001B[2J'),
    style: styleFor(isTerminal, loadColourSettings(), typed.includes('--no-color')),
    isTerminal,
    // Read each time, because a window can change its size during `--watch`.
    get columns() {
      return width();
    },
    signal: ending.signal,
  };
}
