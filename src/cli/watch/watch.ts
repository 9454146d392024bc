import { askOnTerminal } from '../framework/ask.ts';
import type { CliCommand } from '../framework/command.ts';

export const watch: CliCommand = {
  name: 'watch',
  summary: 'watch apps that have no block, without an ecosystem file and without a restart',
  arguments: [
    { name: 'app', isRequired: false, completes: 'unwatched' },
    { name: 'probe', isRequired: false },
  ],
  options: {
    yes: {
      type: 'boolean',
      short: 'y',
      summary: 'take every proposal, and start the monitor where none runs',
    },
    json: { type: 'boolean', summary: 'what was found and done as JSON' },
  },
  examples: [
    ['watch', 'every app that nobody watches: finds where it listens, probes it, asks'],
    ['watch web', 'one app'],
    ['watch web http://127.0.0.1:3000/health', 'a URL, host:port, port or socket of your choice'],
    [`watch db '{"tcp":"127.0.0.1:5432","period":"10s"}'`, 'a whole block as JSON'],
  ],
  async run(given, io) {
    // Loaded only here: the reader of blocks takes longer to load than most commands run.
    const { runWatch } = await import('./run-watch.ts');
    return runWatch(given, io, askOnTerminal);
  },
};

export const unwatch: CliCommand = {
  name: 'unwatch',
  summary: 'no longer watch an app that `watch` added; the app itself runs on',
  arguments: [{ name: 'app', isRequired: true, completes: 'app' }],
  options: { json: { type: 'boolean', summary: 'what was done as JSON' } },
  examples: [['unwatch web', 'takes its block out of watched.json']],
  async run(given, io) {
    const { runUnwatch } = await import('./run-unwatch.ts');
    return runUnwatch(given, io);
  },
};
