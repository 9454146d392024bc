import { access, constants, stat } from 'node:fs/promises';
import { delimiter, resolve } from 'node:path';

/** Where a program is looked for without any PATH. */
const DEFAULT_PATH = '/usr/local/bin:/usr/bin:/bin';

/** Whether `name` can be started by its name alone with this PATH. Looks at files, starts nothing; never throws. */
export async function hasProgram(name: string, searchPath: string | null): Promise<boolean> {
  // An empty part means the folder that one is in, as for a shell.
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
