import type { CliCommand } from '../framework/command.ts';
import { usage } from '../framework/parse-arguments.ts';
import { offeredApps } from './complete.ts';
import { STUBS } from './stubs.ts';

const SHELLS = Object.keys(STUBS);

/** Installed scripts of earlier versions call this: it prints one name per line. */
const APPS = 'apps';

export const completions: CliCommand = {
  name: 'completions',
  summary: 'print the script that completes commands, options and apps in a shell',
  arguments: [{ name: 'bash|zsh|fish', isRequired: true, completes: SHELLS }],
  options: {},
  examples: [
    ['completions bash', 'source <(pm2-liveness completions bash)'],
    ['completions zsh', 'the same in zsh, after compinit'],
    ['completions fish', 'pm2-liveness completions fish | source'],
  ],
  async run({ words: [shell = ''] }, io) {
    if (shell === APPS) {
      // No error: it would be printed into the line that a person types.
      for (const name of await offeredApps().catch(() => [])) io.out(name);
      return 0;
    }
    const stub = Object.hasOwn(STUBS, shell) ? STUBS[shell] : undefined;
    if (stub === undefined) {
      throw usage(`completions: got '${shell}'; write ${SHELLS.join(', ')}`);
    }
    for (const line of stub.split('\n')) io.out(line);
    return 0;
  },
};
