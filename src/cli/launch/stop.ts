import { loadMonitorConfig } from '../../config/load.ts';
import { codeOf } from '../../errors.ts';
import { checkDaemon } from '../../pm2/daemon-socket.ts';
import { sanitizeLines } from '../../text/sanitize.ts';
import type { CliCommand } from '../framework/command.ts';
import { complaintOf, ecosystemFile, runPm2 } from '../framework/pm2-command.ts';

export const stop: CliCommand = {
  name: 'stop',
  summary: 'stop all apps of an ecosystem file and remove them from PM2',
  arguments: [{ name: 'ecosystem file', isRequired: false, completes: 'file' }],
  options: {},
  examples: [['stop', 'stops the apps of ecosystem.config.cjs']],
  async run({ words }, io) {
    const file = ecosystemFile('stop', words);
    if (!(await hasDaemon())) {
      io.out('Nothing to stop: no PM2 daemon runs.');
      return 0;
    }
    const { failed, text } = await runPm2(['delete', file]);
    // PM2 reports an error where there is nothing to delete; here that is success.
    if (failed && !/not found/i.test(text)) {
      io.err(`stop: ${sanitizeLines(complaintOf(text))}`);
      return 2;
    }
    io.out('Stopped. The PM2 daemon itself still runs; `npx pm2 kill` stops it.');
    return 0;
  },
};

/** Checked first, because PM2's program would start a daemon only to delete nothing. */
async function hasDaemon(): Promise<boolean> {
  try {
    await checkDaemon(loadMonitorConfig().pm2Home);
    return true;
  } catch (error) {
    if (codeOf(error) === 'ERR_PM2_UNAVAILABLE') return false;
    throw error;
  }
}
