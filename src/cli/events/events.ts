import { dataDir } from '../../config/data-dir.ts';
import { loadMonitorConfig } from '../../config/load.ts';
import { readJournalLines } from '../../store/journal-files.ts';
import { readKeptRestarts } from '../../store/kept-restarts.ts';
import { jsonText } from '../../text/json-text.ts';
import { sanitizeLine } from '../../text/sanitize.ts';
import { systemClock as clock } from '../../time/clock.ts';
import type { CliCommand, CliIo, ExitCode, ParsedArguments } from '../framework/command.ts';
import { sentenceOfError } from '../framework/next-step.ts';
import { durationOf } from '../framework/parse-arguments.ts';
import { MonitorInquiry, narrowToApp } from '../status/monitor-status.ts';
import { eventLines, foldRepeats } from './lines.ts';
import { mergeRestarts, type EventLine } from './restarts.ts';

const LOOK_MS = 500;

export const events: CliCommand = {
  name: 'events',
  summary: 'show what happened: incidents, and why apps were restarted',
  arguments: [{ name: 'app', isRequired: false, completes: 'app' }],
  options: {
    since: { type: 'string', value: '<duration>', summary: 'only entries newer than, e.g. 1h' },
    follow: { type: 'boolean', short: 'f', summary: 'follow new entries, until Ctrl-C' },
    json: { type: 'boolean', summary: 'one JSON object a line, as the journal has them' },
    schema: { type: 'boolean', summary: 'the JSON Schema of /api/incidents' },
  },
  examples: [
    ['events web --since 12h', 'why was it down last night?'],
    ['events web', 'why was it restarted? (the last 20 restarts)'],
    ['events -f', 'watch it happen'],
  ],
  async run(given, io) {
    if (given.has('schema')) {
      const { incidentsSchema } = await import('../../report/schema/incidents-schema.ts');
      io.out(jsonText(incidentsSchema(), 2));
      return 0;
    }
    const dir = dataDir(loadMonitorConfig().pm2Home);
    const since = given.valueOf('since');
    const from = since === undefined ? 0 : clock.wall() - durationOf('events', 'since', since);
    const wanted = (line: EventLine): boolean =>
      Date.parse(line.at) >= from && (given.words[0] ?? line.app) === line.app;
    const lines = await readEvents(dir);
    const [app] = given.words;
    if (app !== undefined && !lines.some((line) => line.app === app)) await mustBeKnown(app);
    const shown = lines.filter(wanted);
    print(shown, given, io);
    const isFollowing = given.has('follow');
    if (isFollowing && shown.length === 0) io.err(nothingSentence(app, since));
    if (isFollowing) return follow(dir, lines, wanted, given, io);
    if (!(await isWatched(io))) return 3;
    // Without a monitor the reason is already printed.
    if (shown.length === 0) io.err(nothingSentence(app, since));
    return 0;
  },
};

/** The incident journal, and the restarts under PM2 that the state file keeps. */
async function readEvents(dir: string): Promise<readonly EventLine[]> {
  return mergeRestarts(await readJournalLines(dir), await readKeptRestarts(dir));
}

/** The sentence for no events: empty output could also be a mistake. */
function nothingSentence(app: string | undefined, since: string | undefined): string {
  const [whom, when] = [app === undefined ? '' : ` to ${app}`, since ? ` within ${since}` : ' yet'];
  return sanitizeLine(`nothing has happened${whom}${when}: the journal has no entry`);
}

/** True where a monitor runs. The journal can be read without one, but then a warning is printed. */
async function isWatched(io: CliIo): Promise<boolean> {
  const monitor = new MonitorInquiry(loadMonitorConfig().pm2Home);
  try {
    await monitor.mustStatus();
    return true;
  } catch (error) {
    io.err(sentenceOfError(error));
    return false;
  } finally {
    await monitor.close();
  }
}

/** Throws ERR_USAGE for an app without events that is not watched: probably a typing error. */
async function mustBeKnown(app: string): Promise<void> {
  const monitor = new MonitorInquiry(loadMonitorConfig().pm2Home);
  try {
    narrowToApp('events', await monitor.mustStatus(), app);
  } finally {
    await monitor.close();
  }
}

async function follow(
  dir: string,
  seen: readonly EventLine[],
  wanted: (line: EventLine) => boolean,
  given: ParsedArguments,
  io: CliIo,
): Promise<ExitCode> {
  let known = new Set(seen.map((line) => JSON.stringify(line)));
  while (!io.signal.aborted) {
    await clock.sleep(LOOK_MS, io.signal);
    const lines = await readEvents(dir);
    print(
      lines.filter((line) => wanted(line) && !known.has(JSON.stringify(line))),
      given,
      io,
    );
    known = new Set(lines.map((line) => JSON.stringify(line)));
  }
  return 0;
}

function print(lines: readonly EventLine[], given: ParsedArguments, io: CliIo): void {
  if (given.has('json')) {
    for (const line of lines) io.out(jsonText(line));
    return;
  }
  for (const group of foldRepeats(lines)) {
    for (const line of eventLines(group, io)) io.out(line);
  }
}
