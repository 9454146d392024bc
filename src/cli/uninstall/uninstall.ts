import { askOnTerminal } from '../framework/ask.ts';
import type { CliCommand } from '../framework/command.ts';

export const uninstall: CliCommand = {
  name: 'uninstall',
  summary: 'stop the monitor, and remove it and its files from PM2',
  arguments: [],
  options: { yes: { type: 'boolean', short: 'y', summary: 'do it without asking' } },
  examples: [
    ['uninstall', 'shows what it would remove, and asks'],
    ['uninstall --yes', 'the same in a script; then: npm uninstall pm2-liveness'],
  ],
  async run(given, io) {
    // Loaded only here: no other command needs it.
    const { runUninstall } = await import('./run.ts');
    return runUninstall(process.cwd(), given, io, askOnTerminal);
  },
};
