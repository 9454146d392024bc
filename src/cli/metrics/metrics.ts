import { hostname } from 'node:os';
import { loadMonitorConfig } from '../../config/load.ts';
import { LivenessError } from '../../errors.ts';
import type { ListenerStatus } from '../../report/listener-status.ts';
import { jsonText } from '../../text/json-text.ts';
import { sanitize } from '../../text/sanitize.ts';
import type { CliCommand } from '../framework/command.ts';
import { MonitorInquiry } from '../status/monitor-status.ts';
import { fileSd } from './file-sd.ts';
import { readMetrics } from './read-metrics.ts';

export const metrics: CliCommand = {
  name: 'metrics',
  summary: 'print what Prometheus reads, or the file that lets it find this host',
  arguments: [],
  options: {
    'file-sd': { type: 'boolean', summary: 'a target for file_sd_configs, as JSON' },
    host: {
      type: 'string',
      value: '<name>',
      summary: 'with --file-sd: how Prometheus reaches this machine, instead of the address in use',
    },
    label: {
      type: 'string',
      value: '<name=value>',
      isMany: true,
      summary: 'with --file-sd: one more label, like cluster=shop; host=web-1 names this machine',
    },
  },
  examples: [
    ['metrics', 'what does Prometheus read? (docs/HTTP.md)'],
    ['metrics --file-sd > hosts/web-1.json', 'let Prometheus find this host'],
  ],
  async run(given, io) {
    const config = loadMonitorConfig();
    const monitor = new MonitorInquiry(config.pm2Home);
    try {
      const { listener } = await monitor.mustStatus();
      if (listener === undefined) throw new LivenessError('ERR_USAGE', OFF);
      if (given.has('file-sd')) {
        const target = fileSd(listener, hostname(), given.valueOf('host'), given.valuesOf('label'));
        io.out(jsonText(target, 2));
        return 0;
      }
      mustAnswer(listener);
      io.out(sanitize('colours', await readMetrics(listener, config.listener.token)).trimEnd());
      return 0;
    } finally {
      await monitor.close();
    }
  },
};

const OFF =
  'metrics: the monitor does not listen; set LIVENESS_HTTP=9616 for it and restart it with --update-env';

function mustAnswer({ url, problem }: ListenerStatus): void {
  if (problem !== null) throw new LivenessError('ERR_NO_MONITOR', `metrics: ${url}: ${problem}`);
}
