import { loadMonitorConfig } from '../../config/load.ts';
import { messageOf } from '../../errors.ts';
import { sanitizeLine, sanitizeLines } from '../../text/sanitize.ts';
import type { StatusDocument } from '../../report/status.ts';
import { systemClock as clock } from '../../time/clock.ts';
import { bootAdvice } from './boot-advice.ts';
import type { CliCommand, CliIo } from '../framework/command.ts';
import { isAllWell, MonitorInquiry } from '../status/monitor-status.ts';
import { complaintOf, ecosystemFile, runPm2 } from '../framework/pm2-command.ts';
import { statusLines, type Page } from '../status/lines.ts';

const HEALTHY_WITHIN_MS = 60_000;
const LOOK_AGAIN_MS = 300;

export const start: CliCommand = {
  name: 'start',
  summary: 'start all apps of an ecosystem file and wait until all are well',
  arguments: [{ name: 'ecosystem file', isRequired: false, completes: 'file' }],
  options: {},
  examples: [['start', 'those of ecosystem.config.cjs']],
  async run({ words }, io) {
    const { failed, text } = await runPm2(['start', ecosystemFile('start', words)]);
    if (failed) {
      io.err(`start: ${sanitizeLines(complaintOf(text))}`);
      return 2;
    }
    const { pm2Home } = loadMonitorConfig();
    const monitor = new MonitorInquiry(pm2Home);
    try {
      const last = await waitUntilWell(monitor);
      if (typeof last === 'string' || !isAllWell(last)) return explain(last, io);
      printWelcome(last, io);
      const advice = await bootAdvice(pm2Home, () => monitor.processes());
      for (const line of advice.length > 0 ? ['', ...advice] : []) io.out(sanitizeLine(line));
      return 0;
    } finally {
      await monitor.close();
    }
  },
};

/** The first status in which all is well, or what stood in the way when the time was up. */
async function waitUntilWell(monitor: MonitorInquiry): Promise<StatusDocument | string> {
  const deadline = clock.now() + HEALTHY_WITHIN_MS;
  let last: StatusDocument | string = 'the monitor does not run';
  while (clock.now() < deadline) {
    try {
      last = (await monitor.status()) ?? 'the monitor does not run';
      // A block that is refused does not get better by waiting.
      if (typeof last !== 'string' && (isAllWell(last) || last.misconfigured.length > 0))
        return last;
    } catch (error) {
      // A monitor that is still loading does not answer yet.
      last = messageOf(error);
    }
    await clock.sleep(LOOK_AGAIN_MS);
  }
  return last;
}

function pageOf(io: CliIo): Page {
  return { ...io, wall: clock.wall() };
}

function printWelcome(status: StatusDocument, io: CliIo): void {
  for (const line of statusLines(status, pageOf(io))) io.out(line);
  io.out('');
  io.out('Now try:');
  const [first] = status.targets;
  if (first) io.out(`  ${`kill -STOP ${first.pid}`.padEnd(25)}# hang it, and see it come back`);
  io.out('  npx pm2 monit            # watch it in the terminal');
  io.out('  npx pm2 logs pm2-liveness');
  io.out('  npm run status           # how is it, and why');
  io.out('  npm stop');
}

function explain(last: StatusDocument | string, io: CliIo): 1 {
  const isRefused = typeof last !== 'string' && last.misconfigured.length > 0;
  const late = `Not healthy within ${HEALTHY_WITHIN_MS / 1_000} s:`;
  io.err(isRefused ? 'Started, but with settings that cannot be used:' : late);
  for (const line of typeof last === 'string'
    ? [sanitizeLine(last)]
    : statusLines(last, pageOf(io)))
    io.err(`  ${line}`);
  if (typeof last !== 'string' && last.targets.length === 0) {
    io.err('  no app has an env_liveness block');
  }
  io.err('See `npx pm2 logs` for what the apps say.');
  return 1;
}
