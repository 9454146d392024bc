import { loadMonitorConfig } from '../config/load.ts';
import { codeOf, messageOf } from '../errors.ts';
import type { CliCommand } from './command.ts';
import { isAllWell, MonitorInquiry, statusLines } from './monitor-status.ts';

export const status: CliCommand = {
  name: 'status',
  summary: 'say how every watched app is, and why',
  usage: 'pm2-liveness status [--json]',
  async run(args, io) {
    const unknown = args.find((argument) => argument !== '--json');
    if (unknown !== undefined) {
      io.err(`status: unknown argument '${unknown}'; usage: ${status.usage}`);
      return 2;
    }
    const monitor = new MonitorInquiry(loadMonitorConfig().pm2Home);
    try {
      const document = await monitor.status();
      if (document === null) {
        io.err('no monitor is running under PM2; start one with `pm2 start ecosystem.config.cjs`');
        return 3;
      }
      if (args.includes('--json')) io.out(JSON.stringify(document, null, 2));
      else for (const line of statusLines(document)) io.out(line);
      if (document.targets.length === 0) io.err('no app has an env_liveness block');
      return isAllWell(document) ? 0 : 1;
    } catch (error) {
      io.err(messageOf(error));
      return codeOf(error) === 'ERR_PM2_UNAVAILABLE' ? 3 : 1;
    } finally {
      await monitor.close();
    }
  },
};
