import { hostname } from 'node:os';
import { loadMonitorConfig } from '../../config/load.ts';
import { messageOf } from '../../errors.ts';
import { runLook, type LookResult } from '../../guard/run-look.ts';
import { createOsReader } from '../../os/create-reader.ts';
import { jsonText } from '../../text/json-text.ts';
import { sanitizeLine } from '../../text/sanitize.ts';
import { systemClock } from '../../time/clock.ts';
import type { CliIo, ExitCode, ParsedArguments } from '../framework/command.ts';
import { complaintOf, runPm2 } from '../framework/pm2-command.ts';
import { guardChannels } from './channels.ts';

/** `guard run`: one look, and what it leads to. */
export async function runGuard(given: ParsedArguments, io: CliIo): Promise<ExitCode> {
  const { pm2Home } = loadMonitorConfig();
  const result = await runLook({
    pm2Home,
    clock: systemClock,
    reader: createOsReader(),
    // PM2's library is slow to load, and seldom needed.
    openPm2: async () => new (await import('../../pm2/client.ts')).Pm2Connection(pm2Home),
    resurrect,
    channels: () => guardChannels(pm2Home),
    mayResurrect: !given.has('hand-over'),
    host: hostname().slice(0, 64),
    signal: io.signal,
  });
  if (result === null) {
    io.err('guard: another look runs at this moment');
    return 0;
  }
  if (given.has('json')) io.out(jsonText(documentOf(result), 2));
  else print(result, io);
  for (const problem of result.problems) io.err(`guard: ${sanitizeLine(problem)}`);
  return codeOf(result, given.has('hand-over'));
}

/** PM2's complaint; null where it did it. */
async function resurrect(): Promise<string | null> {
  try {
    const { failed, text } = await runPm2(['resurrect']);
    return failed ? complaintOf(text) : null;
  } catch (error) {
    return messageOf(error);
  }
}

function print({ decision, failure, isLeftToOther }: LookResult, io: CliIo): void {
  io.out(sanitizeLine(`${decision.standing}: ${decision.found}`));
  if (isLeftToOther) io.out('the start of PM2 is handed over');
  if (failure !== null) io.err(sanitizeLine(`guard: it did not work: ${failure}`));
}

function documentOf({ decision, failure, isLeftToOther, problems }: LookResult): unknown {
  const { standing, found, order } = decision;
  return {
    schemaVersion: 1,
    standing,
    found,
    did: isLeftToOther ? null : (order?.type ?? null),
    failure,
    isHandedOver: isLeftToOther,
    problems,
  };
}

/** For the look's unit 1 means only: start PM2. Else it means that something is wrong, and was not set right just now. */
function codeOf({ decision, failure, isLeftToOther }: LookResult, isUnit: boolean): ExitCode {
  if (isUnit) return isLeftToOther ? 1 : 0;
  const isDone = decision.order !== null && failure === null;
  return decision.standing === 'trouble' && !isDone ? 1 : 0;
}
