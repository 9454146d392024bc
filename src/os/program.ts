import { access, constants, stat } from 'node:fs/promises';
import { delimiter, resolve } from 'node:path';

/** The folders that are searched without any PATH. */
const DEFAULT_PATH = '/usr/local/bin:/usr/bin:/bin';

/** Resolves to true where a program `name` is in this PATH. Only reads files. Never rejects. */
export async function hasProgram(name: string, searchPath: string | null): Promise<boolean> {
  // An empty part means the current folder, as in a shell.
  for (const folder of (searchPath ?? DEFAULT_PATH).split(delimiter)) {
    if (await isExecutable(resolve(folder, name))) return true;
  }
  return false;
}

async function isExecutable(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return (await stat(file)).isFile();
  } catch {
    return false;
  }
}
