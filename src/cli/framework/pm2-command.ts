import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { stripVTControlCharacters } from 'node:util';
import { execa } from 'execa';
import { relative } from 'node:path';
import { findFile } from '../init/find-file.ts';
import { usage } from './parse-arguments.ts';

/**
 * The ecosystem file of a command: the named one, or the one of this folder. Throws ERR_USAGE where it is missing,
 * because PM2 would first start a daemon.
 */
export function ecosystemFile(command: string, [named]: readonly string[]): string {
  const file = relative('', findFile(process.cwd(), named, command)) || '.';
  if (existsSync(file)) return file;
  const what = named === undefined ? 'no ecosystem file' : `no ${file}`;
  const also = command === 'start' ? '; apps that PM2 runs need none: `pm2-liveness watch`' : '';
  throw usage(`${command}: there is ${what} here; \`pm2-liveness init\` writes one${also}`);
}

/** Runs PM2's own program, as a user does, and returns its output. Only this may start a daemon. */
export async function runPm2(args: readonly string[]): Promise<{ failed: boolean; text: string }> {
  const program = createRequire(import.meta.url).resolve('pm2/bin/pm2');
  const { failed, all } = await execa(process.execPath, [program, ...args], {
    all: true,
    reject: false,
    stdin: 'ignore',
    timeout: 60_000,
  });
  return { failed, text: stripVTControlCharacters(all) };
}

/** PM2's error in its output, without its news, stack traces and source lines. */
export function complaintOf(text: string): string {
  const lines = text.split('\n');
  const error = lines.findIndex((line) => /^\[PM2\]\[ERROR\]|^\w*Error\b/.test(line));
  const said = lines.slice(Math.max(0, error));
  const trace = said.findIndex((line) => /^\s+at /.test(line));
  const [first, ...others] = (trace < 0 ? said : said.slice(0, trace))
    .filter((line) => /[^\s^]/.test(line))
    .map((line) => line.replace(/^\[PM2\]\[ERROR\] /, ''));
  if (first === undefined) return 'PM2 did not finish in time, or gave no message';
  return others.reduce((all, line) => `${all}${/^\s/.test(line) ? '\n' : ': '}${line}`, first);
}
