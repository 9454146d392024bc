import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { CliIo, ParsedArguments } from '../../../src/cli/framework/command.ts';
import { runInit, type Ask } from '../../../src/cli/init/init.ts';
import { FakeIo } from '../io.ts';

/** Files of a project, by their paths. */
export type Files = Readonly<Record<string, string>>;

/** A package.json with these scripts and dependencies. */
export function manifest(
  scripts: Readonly<Record<string, string>>,
  dependencies: readonly string[] = [],
): string {
  const devDependencies = Object.fromEntries(dependencies.map((name) => [name, '*']));
  return JSON.stringify({ name: '@ann/shop', type: 'module', scripts, devDependencies });
}

/** A folder with these files, and the way to remove it. */
export async function projectOf(
  files: Files,
): Promise<{ dir: string; remove: () => Promise<void> }> {
  const dir = await realpath(await mkdtemp(join(tmpdir(), 'pl-init-')));
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(dir, path)), { recursive: true });
    await writeFile(join(dir, path), text);
  }
  return { dir, remove: () => rm(dir, { recursive: true, force: true }) };
}

/** What `init` did with its words and options. */
export async function typeInit(
  dir: string,
  typed: readonly string[] = ['--yes'],
  ask: Ask = async () => null,
): Promise<{ code: number; out: string; err: string }> {
  const io = new FakeIo();
  const given: ParsedArguments = {
    words: typed.filter((word) => !word.startsWith('-')),
    has: (option) => typed.includes(`--${option}`),
    valueOf: () => undefined,
    valuesOf: () => [],
  };
  const code = await runInit(dir, given, io satisfies CliIo, ask);
  return { code, out: io.outLines.join('\n'), err: io.errLines.join('\n') };
}
