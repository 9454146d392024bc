import { loadMonitorConfig } from '../../config/load.ts';
import { getStatus } from '../../control/client.ts';
import { socketPathOf } from '../../control/socket-path.ts';
import { sanitizeLine } from '../../text/sanitize.ts';
import type { CliCommand } from '../framework/command.ts';
import { bashCompletions } from './bash.ts';
import { fishCompletions } from './fish.ts';
import { zshCompletions } from './zsh.ts';
import { usage } from '../framework/parse-arguments.ts';

/** How each shell is told what can be typed. */
const SHELLS: Readonly<Record<string, (commands: readonly CliCommand[]) => readonly string[]>> = {
  bash: bashCompletions,
  zsh: zshCompletions,
  fish: fishCompletions,
};

/** What the scripts ask for: the names of the watched apps, a line each. */
const APPS = 'apps';

/** A person waits at the prompt. */
const APPS_MS = 500;

/** The command that prints what a shell is to complete of these commands. */
export function completionsOf(commands: () => readonly CliCommand[]): CliCommand {
  return {
    name: 'completions',
    summary: 'print the script that completes commands, options and apps in a shell',
    arguments: [{ name: 'bash|zsh|fish', isRequired: true, completes: Object.keys(SHELLS) }],
    options: {},
    examples: [
      ['completions bash', 'source <(pm2-liveness completions bash)'],
      ['completions zsh', 'the same in zsh, after compinit'],
      ['completions fish', 'pm2-liveness completions fish | source'],
    ],
    async run({ words: [shell = ''] }, io) {
      if (shell === APPS) {
        for (const name of await watchedApps()) io.out(name);
        return 0;
      }
      const script = Object.hasOwn(SHELLS, shell) ? SHELLS[shell] : undefined;
      if (script === undefined) {
        throw usage(`completions: got '${shell}'; write ${Object.keys(SHELLS).join(', ')}`);
      }
      for (const line of script(commands())) io.out(line);
      return 0;
    },
  };
}

/** Over the socket alone, which is quick; nothing at all where no monitor answers on it. */
async function watchedApps(): Promise<readonly string[]> {
  const { path } = socketPathOf(loadMonitorConfig().pm2Home);
  // An error has no place in the middle of a line that a person types.
  const status = await getStatus(path, { timeoutMs: APPS_MS }).catch(() => null);
  const known = [...(status?.targets ?? []), ...(status?.misconfigured ?? [])];
  // What a terminal would obey, or take for several lines, cannot be offered.
  return [...new Set(known.map(({ name }) => name))].filter((name) => sanitizeLine(name) === name);
}
