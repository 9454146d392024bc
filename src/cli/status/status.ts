import { loadMonitorConfig } from '../../config/load.ts';
import { jsonText } from '../../text/json-text.ts';
import type { StatusDocument } from '../../report/status.ts';
import { systemClock as clock } from '../../time/clock.ts';
import type { CliCommand, CliIo, ExitCode, ParsedArguments } from '../framework/command.ts';
import { fileDifferences } from '../framework/ecosystem-here.ts';
import { printMessage } from '../framework/message.ts';
import { isAllWell, MonitorInquiry, narrowToApp } from './monitor-status.ts';
import { statusLines } from './lines.ts';

const [LOOK_MS, REDRAW_MS] = [250, 1_000];

export const status: CliCommand = {
  name: 'status',
  summary: 'show the state of every watched app, and the reason',
  arguments: [{ name: 'app', isRequired: false, completes: 'app' }],
  options: {
    json: { type: 'boolean', summary: 'the status document as JSON' },
    schema: { type: 'boolean', summary: 'the JSON Schema of that document' },
    watch: { type: 'boolean', short: 'w', summary: 'redraw every second, until Ctrl-C' },
    host: {
      type: 'string',
      value: '<url>',
      isMany: true,
      summary: 'the monitor of another machine instead, by its LIVENESS_HTTP',
    },
    'hosts-file': {
      type: 'string',
      value: '<file>',
      summary: 'hosts and their tokens, one host a line; all are asked where no --host is given',
    },
  },
  examples: [
    ['status', 'a line per app; exit code 0 if all are healthy'],
    ['status web --json', 'everything about one, for a script'],
    ['status --watch', 'watch a restart happen'],
    ['status --host web-1 --host https://web-2.example', 'one table over two machines'],
  ],
  async run(given, io) {
    if (given.has('schema')) {
      const { statusSchema } = await import('../../report/schema/status-schema.ts');
      io.out(jsonText(statusSchema(), 2));
      return 0;
    }
    if (given.has('host') || given.has('hosts-file')) {
      const { statusOfHosts } = await import('./hosts.ts');
      return statusOfHosts(given, io);
    }
    const monitor = new MonitorInquiry(loadMonitorConfig().pm2Home);
    try {
      if (!given.has('watch')) {
        const document = await ask(monitor, given);
        const code = show(document, given, io);
        if (!given.has('json')) {
          await printFileDifferences(document, given.words.length === 0, io);
        }
        return code;
      }
      return await watch(monitor, given, io);
    } finally {
      await monitor.close();
    }
  },
};

/** Prints how the ecosystem file of this folder differs from the watched apps. */
export async function printFileDifferences(
  { targets, misconfigured }: StatusDocument,
  isAll: boolean,
  io: CliIo,
): Promise<void> {
  const names = [...targets, ...misconfigured].map(({ name }) => name);
  const byWatch = targets.flatMap(({ name, blockFrom }) => (blockFrom ? [name] : []));
  for (const line of await fileDifferences(process.cwd(), { names, byWatch, isAll })) {
    printMessage(line, io, io.style.warn);
  }
}

/** Draws every second, and at once after a change of state, because a start can take less than a second. */
async function watch(
  monitor: MonitorInquiry,
  given: ParsedArguments,
  io: CliIo,
): Promise<ExitCode> {
  let code: ExitCode = 0;
  let drawn = { states: '', at: 0 };
  while (!io.signal.aborted) {
    const document = await ask(monitor, given);
    const states = document.targets.map(({ state, pid }) => `${state} ${pid}`).join();
    if (states !== drawn.states || clock.now() - drawn.at >= REDRAW_MS) {
      drawn = { states, at: clock.now() };
      if (io.isTerminal) io.clear();
      code = show(document, given, io);
    }
    await clock.sleep(LOOK_MS, io.signal);
  }
  return code;
}

async function ask(monitor: MonitorInquiry, { words }: ParsedArguments): Promise<StatusDocument> {
  const document = await monitor.mustStatus();
  const [app] = words;
  return app === undefined ? document : narrowToApp('status', document, app);
}

function show(document: StatusDocument, given: ParsedArguments, io: CliIo): ExitCode {
  if (given.has('json')) io.out(jsonText(document, 2));
  else for (const line of statusLines(document, { ...io, wall: clock.wall() })) io.out(line);
  const { targets, misconfigured } = document;
  if (targets.length === 0 && misconfigured.length === 0) {
    io.err(
      'no app has an env_liveness block; `pm2-liveness init` adds one, `pm2-liveness watch` needs none',
    );
  }
  return isAllWell(document) ? 0 : 1;
}
