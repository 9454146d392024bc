import { join } from 'node:path';
import { loadMonitorConfig } from '../../config/load.ts';
import { codeOf, messageOf } from '../../errors.ts';
import { shellWord } from '../../text/shell-word.ts';
import { jsonText } from '../../text/json-text.ts';
import type { CliCommand, CliIo, ExitCode, ParsedArguments } from '../framework/command.ts';
import { examine } from './checks.ts';
import { findingLines } from './finding-lines.ts';
import { bad, type Finding } from './finding.ts';
import { gatherFacts } from './gather.ts';

export const doctor: CliCommand = {
  name: 'doctor',
  summary: 'find mistakes in the setup, and show how to fix them',
  arguments: [],
  options: { json: { type: 'boolean', summary: 'the findings as JSON' } },
  examples: [['doctor', 'a line per check; exit code 0 if it finds no mistake']],
  async run(given, io) {
    try {
      const findings = examine(await gatherFacts());
      return show(findings, findings.some(({ state }) => state === 'bad') ? 1 : 0, given, io);
    } catch (error) {
      const fix = FIXES[codeOf(error) ?? ''];
      if (fix === undefined) throw error;
      const { pm2Home } = loadMonitorConfig();
      return show([bad('PM2', messageOf(error), fix(pm2Home))], 3, given, io);
    }
  },
};

/** What to do where no facts can be read, by error code. */
const FIXES: Readonly<Record<string, (pm2Home: string) => string>> = {
  ERR_PM2_UNAVAILABLE: (pm2Home) =>
    `pm2 start ecosystem.config.cjs; PM2_HOME is ${pm2Home}: if PM2 runs in another one, set that`,
  ERR_PM2_TIMEOUT: (pm2Home) =>
    `read ${join(pm2Home, 'pm2.log')}; if the daemon still does not answer: kill -9 "$(cat ${shellWord(join(pm2Home, 'pm2.pid'))})" && pm2 resurrect`,
};

function show(
  findings: readonly Finding[],
  code: ExitCode,
  given: ParsedArguments,
  io: CliIo,
): ExitCode {
  if (given.has('json')) io.out(jsonText({ schemaVersion: 1, findings }, 2));
  else for (const line of findingLines(findings, io)) io.out(line);
  return code;
}
