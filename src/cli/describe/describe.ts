import { dataDir } from '../../config/data-dir.ts';
import { loadMonitorConfig } from '../../config/load.ts';
import { createOsReader } from '../../os/create-reader.ts';
import { daemonPidOf } from '../../pm2/daemon-pid.ts';
import { readJournalLines } from '../../store/journal-files.ts';
import { jsonText } from '../../text/json-text.ts';
import { sanitizeLines } from '../../text/sanitize.ts';
import { systemClock as clock } from '../../time/clock.ts';
import type { CliCommand } from '../framework/command.ts';
import { holderSentence } from '../launch/port-holder.ts';
import { isWell, MonitorInquiry, narrowToApp } from '../status/monitor-status.ts';
import { printFileDifferences } from '../status/status.ts';
import { descriptionOf } from './description.ts';

export const describe: CliCommand = {
  name: 'describe',
  summary: 'show one app in detail: state, reason, next step',
  arguments: [{ name: 'app', isRequired: true, completes: 'app' }],
  options: { json: { type: 'boolean', summary: 'the same as JSON' } },
  examples: [['describe web', 'it is down: why, and what happens next?']],
  async run({ words: [app = ''], has }, io) {
    const { pm2Home } = loadMonitorConfig();
    const monitor = new MonitorInquiry(pm2Home);
    try {
      const document = narrowToApp('describe', await monitor.mustStatus(), app);
      const { targets, misconfigured: refused } = document;
      const [reader, daemonPid] = [createOsReader(), await daemonPidOf(pm2Home)];
      const lines = await readJournalLines(dataDir(pm2Home));
      const described = await Promise.all(
        targets.map(async (target) => ({
          target,
          port: await holderSentence(target, daemonPid, reader),
          trail: lines.filter(
            (line) => line.app === target.name && line.instance === target.instance,
          ),
        })),
      );
      if (has('json')) {
        io.out(jsonText({ schemaVersion: 1, misconfigured: refused, targets: described }, 2));
      } else {
        for (const { message } of refused) io.out(io.style.bad(sanitizeLines(message)));
        for (const each of described) {
          for (const line of descriptionOf(each, { ...io, wall: clock.wall() })) io.out(line);
        }
        await printFileDifferences(document, false, io);
      }
      return refused.length === 0 && targets.every(isWell) ? 0 : 1;
    } finally {
      await monitor.close();
    }
  },
};
