import type { CliCommand } from './command.ts';

export const check: CliCommand = {
  name: 'check',
  summary: 'ask once, without a monitor: an app by its block, a URL or host:port',
  arguments: [{ name: 'target', isRequired: false, isMany: true, completes: 'app' }],
  options: {
    vite: { type: 'boolean', summary: 'take a URL as the base of a Vite dev server' },
    timeout: {
      type: 'string',
      value: '<duration>',
      summary: 'the longest that each question may take, like 2s',
    },
    json: { type: 'boolean', summary: 'the answers as JSON' },
  },
  examples: [
    ['check', 'every app with a block; exit code 0 if all are well'],
    ['check web', 'one app, each of its instances'],
    ['check http://127.0.0.1:3000/health', 'a URL, for a container: needs no PM2'],
    ['check --vite http://127.0.0.1:5173/', 'the ping, the page and its modules'],
    ['check 127.0.0.1:5432 --timeout 500ms', 'does anything accept there?'],
  ],
  async run(given, io) {
    // Only here: what reads a block takes longer to load than most commands run.
    const { runCheck } = await import('./check-run.ts');
    return runCheck(given, io);
  },
};
