import type { CliCommand } from './command.ts';
import { runPm2 } from './pm2-command.ts';

const DEFAULT_FILE = 'ecosystem.config.cjs';

export const stop: CliCommand = {
  name: 'stop',
  summary: 'end all apps of an ecosystem file and take them out of PM2',
  arguments: [{ name: 'ecosystem file', isRequired: false, completes: 'file' }],
  options: {},
  examples: [['stop', 'those of ecosystem.config.cjs']],
  async run({ words: [file = DEFAULT_FILE] }, io) {
    const { failed, text } = await runPm2(['delete', file]);
    // PM2 calls it an error when there is nothing to delete; for us that is done.
    if (failed && !/not found/i.test(text)) {
      io.err(text);
      return 2;
    }
    io.out('Stopped. The PM2 daemon itself still runs; `npx pm2 kill` ends it.');
    return 0;
  },
};
