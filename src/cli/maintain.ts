import { loadMonitorConfig } from '../config/load.ts';
import { requestMonitor } from '../control/client.ts';
import { socketPathOf } from '../control/socket-path.ts';
import { jsonText } from '../text/json-text.ts';
import type {
  CliCommand,
  CliIo,
  CliOption,
  ExitCode,
  ParsedArguments,
} from './framework/command.ts';
import { printMessage } from './framework/message.ts';
import { durationOf } from './framework/parse-arguments.ts';

/** The answer comes when the change is on disk, which may take two seconds. */
const ANSWER_MS = 10_000;

const APP = [{ name: 'app', isRequired: true, completes: 'app' }] as const;
const JSON_OPTION: CliOption = { type: 'boolean', summary: 'the answer as JSON' };

export const pause: CliCommand = {
  name: 'pause',
  summary: 'suspend monitoring of an app (survives a monitor restart)',
  arguments: APP,
  options: {
    for: {
      type: 'string',
      value: '<duration>',
      summary: 'how long, e.g. 30m; without it until you resume',
    },
    json: JSON_OPTION,
  },
  examples: [
    ['pause web --for 30m', 'half an hour'],
    ['pause web', 'until `pm2-liveness resume web`'],
  ],
  async run(given, io) {
    const length = given.valueOf('for');
    // Checked here, so that the error names the option.
    if (length !== undefined) durationOf('pause', 'for', length);
    return command('pause', given, io, length);
  },
};

export const resume: CliCommand = {
  name: 'resume',
  summary: 'watch a paused app again',
  arguments: APP,
  options: { json: JSON_OPTION },
  examples: [['resume web', 'end a pause']],
  run: (given, io) => command('resume', given, io),
};

export const reset: CliCommand = {
  name: 'reset',
  summary: 'forget the budget, backoff and cooldown of an app',
  arguments: APP,
  options: { json: JSON_OPTION },
  examples: [['reset web', 'its cause is fixed: allow restarts again']],
  run: (given, io) => command('reset', given, io),
};

/** Sends the command to the monitor, and prints a line for each instance. */
async function command(
  name: string,
  { words, has }: ParsedArguments,
  io: CliIo,
  length?: string,
): Promise<ExitCode> {
  const [app = ''] = words;
  const { path } = socketPathOf(loadMonitorConfig().pm2Home);
  const body = { app, ...(length !== undefined && { for: length }) };
  const answer = await requestMonitor(path, 'POST', `/${name}`, { timeoutMs: ANSWER_MS, body });
  if (has('json')) io.out(jsonText(answer, 2));
  else for (const line of linesOf(answer)) printMessage(line, io);
  return 0;
}

function linesOf(answer: unknown): string[] {
  if (typeof answer !== 'object' || answer === null || !('targets' in answer)) return [];
  const { targets } = answer;
  if (!Array.isArray(targets)) return [];
  return targets.map(
    (target: { name?: unknown; summary?: unknown }) =>
      `${String(target.name)}  ${String(target.summary)}`,
  );
}
