import type { CliCommand } from '../framework/command.ts';

export const check: CliCommand = {
  name: 'check',
  summary: 'probe apps, URLs, host:port or sockets once, without a monitor',
  arguments: [{ name: 'target', isRequired: false, isMany: true, completes: 'app' }],
  options: {
    all: { type: 'boolean', summary: 'all apps, as without a target' },
    vite: { type: 'boolean', summary: 'treat a URL as the base of a Vite dev server' },
    timeout: {
      type: 'string',
      value: '<duration>',
      summary: 'limit for each probe, e.g. 2s',
    },
    json: { type: 'boolean', summary: 'the answers as JSON' },
  },
  examples: [
    ['check', 'all apps; exit code 0 if all are healthy'],
    ['check web', 'one app, all its instances'],
    ['check http://127.0.0.1:3000/health', 'a URL; needs no PM2'],
    ['check --vite http://127.0.0.1:5173/', 'the page and its modules'],
    ['check tcp://127.0.0.1:5432 --timeout 1s', 'does the port accept connections?'],
    ['check /run/api.sock', 'does a Unix socket accept connections?'],
    ['check ws://127.0.0.1:3000/live', 'does a WebSocket open?'],
  ],
  async run(given, io) {
    // Loaded only here: the reader of blocks takes longer to load than most commands run.
    const { runCheck } = await import('./run.ts');
    return runCheck(given, io);
  },
};
