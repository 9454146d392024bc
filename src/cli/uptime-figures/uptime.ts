import { dataDir } from '../../config/data-dir.ts';
import { loadMonitorConfig } from '../../config/load.ts';
import { parseDuration } from '../../config/schema/durations.ts';
import { messageOf } from '../../errors.ts';
import { AppSeries } from '../../history/series/app-series.ts';
import { historySchema } from '../../history/series/document.ts';
import { readHistories } from '../../history/series/read-histories.ts';
import { LONGEST_HISTORY_MS } from '../../history/series/steps.ts';
import { readJournalLines } from '../../store/journal-files.ts';
import { jsonText } from '../../text/json-text.ts';
import { didYouMean } from '../../text/nearest.ts';
import { systemClock as clock } from '../../time/clock.ts';
import { wallIso } from '../../time/iso.ts';
import type { CliCommand, CliIo } from '../framework/command.ts';
import { printMessage } from '../framework/message.ts';
import { usage } from '../framework/parse-arguments.ts';
import { uptimeLines, type AppUptime } from './lines.ts';
import { figuresIn, WINDOWS, type UptimeWindow } from './windows.ts';

const LEAST_MS = 60_000;

export const uptime: CliCommand = {
  name: 'uptime',
  summary: 'show how much of the last 90 days each app was up',
  arguments: [{ name: 'app', isRequired: false, completes: 'app' }],
  options: {
    since: { type: 'string', value: '<duration>', summary: 'one window of at most 90d, e.g. 30d' },
    json: { type: 'boolean', summary: 'the figures as JSON' },
    schema: { type: 'boolean', summary: 'the JSON Schema of /api/history' },
  },
  examples: [
    ['uptime', 'the last 24 hours, 7, 30 and 90 days'],
    ['uptime web --since 30d', 'one app, with a bar for each 15 hours'],
  ],
  async run(given, io) {
    if (given.has('schema')) {
      io.out(jsonText(historySchema, 2));
      return 0;
    }
    const windows = windowsOf(given.valueOf('since'));
    const dir = dataDir(loadMonitorConfig().pm2Home);
    const now = clock.wall();
    const read = await readHistories(dir, now);
    for (const problem of read.problems)
      printMessage(problem, { ...io, out: (line) => io.err(line) }, io.style.warn);
    const histories = read.files.map(
      ({ buckets, filledTo, ...name }) => new AppSeries(name, buckets, () => ({ now, filledTo })),
    );
    const [app] = given.words;
    const wanted = histories.filter(({ name }) => app === undefined || name === app);
    if (wanted.length === 0) {
      if (app !== undefined) throw usage(unknown(app, histories));
      io.err('no history yet: a monitor that runs writes it once a minute');
      return 0;
    }
    const journal = await readJournalLines(dir);
    const apps = wanted.map((history): AppUptime => ({
      history,
      figures: windows.map((window) => figuresIn(history, window, journal, now)),
    }));
    show(apps, windows, given.has('json'), now, io);
    return 0;
  },
};

/** The windows to show. Throws ERR_USAGE for a bad `--since`. */
function windowsOf(since: string | undefined): readonly UptimeWindow[] {
  if (since === undefined) return WINDOWS;
  try {
    const ms = parseDuration(since, { minMs: LEAST_MS, maxMs: LONGEST_HISTORY_MS });
    return [{ window: since, ms }];
  } catch (error) {
    throw usage(`uptime: --since: ${messageOf(error)}`);
  }
}

function unknown(app: string, histories: readonly AppSeries[]): string {
  const names = [...new Set(histories.map(({ name }) => name))];
  const hint = didYouMean(app, names, `there is one of: ${names.join(', ') || 'none'}`);
  return `uptime: no history of an app called '${app}' (${hint})`;
}

function show(
  apps: readonly AppUptime[],
  windows: readonly UptimeWindow[],
  isJson: boolean,
  now: number,
  io: CliIo,
): void {
  if (!isJson) {
    for (const line of uptimeLines(apps, windows, { ...io, columns: io.columns, now }))
      io.out(line);
    return;
  }
  const listed = apps.map(({ history: { name, instance }, figures }) => ({
    app: name,
    instance,
    windows: figures,
  }));
  io.out(jsonText({ schemaVersion: 1, at: wallIso(now), apps: listed }, 2));
}
