import { loadMonitorConfig } from '../config/load.ts';
import { codeOf, messageOf } from '../errors.ts';
import type { CliCommand, CliIo, ExitCode, Given } from './command.ts';
import { examine } from './doctor/checks.ts';
import { findingLines } from './doctor/finding-lines.ts';
import { bad, type Finding } from './doctor/finding.ts';
import { gatherFacts } from './doctor/gather.ts';

export const doctor: CliCommand = {
  name: 'doctor',
  summary: 'look for what is set up wrong, and say how to mend it',
  arguments: [],
  options: { json: { type: 'boolean', summary: 'the findings as JSON' } },
  examples: [['doctor', 'a line per check; exit code 0 if all is set up well']],
  async run(given, io) {
    try {
      const findings = examine(await gatherFacts());
      return show(findings, findings.some(({ state }) => state === 'bad') ? 1 : 0, given, io);
    } catch (error) {
      if (codeOf(error) !== 'ERR_PM2_UNAVAILABLE') throw error;
      const { pm2Home } = loadMonitorConfig();
      const fix = `pm2 start ecosystem.config.cjs (PM2_HOME is ${pm2Home}; if PM2 runs in another one, set that)`;
      return show([bad('PM2', messageOf(error), fix)], 3, given, io);
    }
  },
};

function show(findings: readonly Finding[], code: ExitCode, given: Given, io: CliIo): ExitCode {
  if (given.has('json')) io.out(JSON.stringify({ schemaVersion: 1, findings }, null, 2));
  else for (const line of findingLines(findings, io)) io.out(line);
  return code;
}
