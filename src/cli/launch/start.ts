import { loadMonitorConfig } from '../../config/load.ts';
import { messageOf } from '../../errors.ts';
import { sanitizeLine, sanitizeLines } from '../../text/sanitize.ts';
import type { StatusDocument } from '../../report/status.ts';
import { systemClock as clock } from '../../time/clock.ts';
import { createOsReader } from '../../os/create-reader.ts';
import { bootAdvice } from './boot-advice.ts';
import { startHints } from './hints.ts';
import { listenerOf } from './port-holder.ts';
import type { CliCommand, CliIo } from '../framework/command.ts';
import { isAllWell, MonitorInquiry } from '../status/monitor-status.ts';
import { printMessage } from '../framework/message.ts';
import { complaintOf, ecosystemFile, runPm2 } from '../framework/pm2-command.ts';
import { statusLines, type Page } from '../status/lines.ts';

const HEALTHY_WITHIN_MS = 60_000;
const LOOK_AGAIN_MS = 300;

export const start: CliCommand = {
  name: 'start',
  summary: 'start all apps of an ecosystem file and wait until all are healthy',
  arguments: [{ name: 'ecosystem file', isRequired: false, completes: 'file' }],
  options: {},
  examples: [['start', 'starts the apps of ecosystem.config.cjs']],
  async run({ words }, io) {
    const file = ecosystemFile('start', words);
    const { failed, text } = await runPm2(['start', file]);
    if (failed) {
      io.err(`start: ${sanitizeLines(complaintOf(text))}`);
      return 2;
    }
    const { pm2Home } = loadMonitorConfig();
    const monitor = new MonitorInquiry(pm2Home);
    try {
      const last = await waitUntilWell(monitor);
      if (typeof last === 'string' || !isAllWell(last)) return explain(last, io);
      await printWelcome(last, file, io);
      const advice = await bootAdvice(pm2Home, () => monitor.processes());
      for (const line of advice.length > 0 ? ['', ...advice] : []) printMessage(line, io);
      return 0;
    } finally {
      await monitor.close();
    }
  },
};

/** The first status in which all is well, or the reason at the end of the time. */
async function waitUntilWell(monitor: MonitorInquiry): Promise<StatusDocument | string> {
  const deadline = clock.now() + HEALTHY_WITHIN_MS;
  let last: StatusDocument | string = 'the monitor is not running';
  while (clock.now() < deadline) {
    try {
      last = (await monitor.status()) ?? 'the monitor is not running';
      // Waiting does not help a bad block.
      if (typeof last !== 'string' && (isAllWell(last) || last.misconfigured.length > 0))
        return last;
    } catch (error) {
      // A monitor that is still loading gives no answer yet.
      last = messageOf(error);
    }
    await clock.sleep(LOOK_AGAIN_MS);
  }
  return last;
}

function pageOf(io: CliIo): Page {
  return { ...io, wall: clock.wall() };
}

async function printWelcome(status: StatusDocument, file: string, io: CliIo): Promise<void> {
  for (const line of statusLines(status, pageOf(io))) io.out(line);
  io.out('');
  io.out('Now try:');
  const [first] = status.targets;
  const pid = first === undefined ? null : await listenerOf(first, createOsReader());
  for (const hint of startHints(process.cwd(), file, pid, status.listener))
    io.out(`  ${sanitizeLine(hint)}`);
}

function explain(last: StatusDocument | string, io: CliIo): 1 {
  const isRefused = typeof last !== 'string' && last.misconfigured.length > 0;
  const late = `Not healthy within ${HEALTHY_WITHIN_MS / 1_000} s:`;
  io.err(isRefused ? 'Started, but some settings are not valid:' : late);
  for (const line of typeof last === 'string'
    ? [sanitizeLine(last)]
    : statusLines(last, pageOf(io)))
    io.err(`  ${line}`);
  if (typeof last !== 'string' && last.targets.length === 0) {
    io.err('  no app has an env_liveness block');
  }
  io.err('See `npx pm2 logs` for the output of the apps.');
  return 1;
}
