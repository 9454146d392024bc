import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isRecord } from '../../config/bad-value.ts';
import type { ManagedProcess } from '../../pm2/process.ts';
import { packageManagerOf } from '../framework/dev-project.ts';
import type { Wrapper } from './facts.ts';

/**
 * The package manager that PM2 runs instead of the app, with the command that it runs; null where there is
 * none.
 */
export async function wrapperOf(process: ManagedProcess): Promise<Wrapper | null> {
  const path = process.env['pm_exec_path'];
  if (typeof path !== 'string') return null;
  const program = packageManagerOf(path);
  if (program === null) return null;
  const command = await commandOf(process);
  // `bun server.ts` is a runtime: this is the app itself.
  if (program === 'bun' && !command.isScript) return null;
  return { program, command: command.text };
}

/** The arguments of an app's script. */
export function wordsOf({ env: { args } }: ManagedProcess): readonly string[] {
  if (Array.isArray(args)) return args.map(String);
  return typeof args === 'string' ? args.split(/\s+/).filter(Boolean) : [];
}

/** `vite --host` for `npm run dev`, by the package.json of the app's folder. */
async function commandOf(
  process: ManagedProcess,
): Promise<{ readonly isScript: boolean; readonly text: string | null }> {
  const words = wordsOf(process).filter((word) => !word.startsWith('-') && word !== 'run');
  const [name = 'start'] = words;
  const json = await readFile(join(process.cwd, 'package.json'), 'utf8').catch(() => '{}');
  const text = scriptsIn(json)[name];
  if (typeof text === 'string') return { isScript: true, text };
  // `npx vite`, `yarn vite`: the program itself.
  return { isScript: false, text: words.length > 0 ? words.join(' ') : null };
}

function scriptsIn(json: string): Readonly<Record<string, unknown>> {
  try {
    const manifest: unknown = JSON.parse(json);
    const scripts = isRecord(manifest) ? manifest['scripts'] : null;
    return isRecord(scripts) ? scripts : {};
  } catch {
    return {}; // npm reports it in the app's log
  }
}
