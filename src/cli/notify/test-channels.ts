import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { loadMonitorConfig, type NotifySource } from '../../config/load.ts';
import type { Channel, SendResult } from '../../notify/channel/channel.ts';
import { loadChannels } from '../../notify/channel/load-channels.ts';
import type { Notice } from '../../notify/message/notice.ts';
import { MonitorInquiry } from '../status/monitor-status.ts';
import { jsonText } from '../../text/json-text.ts';
import { didYouMean } from '../../text/nearest.ts';
import { sanitizeLine } from '../../text/sanitize.ts';
import { systemClock } from '../../time/clock.ts';
import { monitorEnvironment } from '../config/setting-sources.ts';
import type { CliIo, ExitCode, ParsedArguments } from '../framework/command.ts';
import { usage } from '../framework/parse-arguments.ts';
import { tableLines, type Cell } from '../framework/table.ts';

/** A channel, and what it answered; null where nothing was sent. */
interface Tested {
  readonly channel: Channel;
  readonly result: SendResult | null;
}

/** `notify [channel]`: lists the channels, and with `--test` sends a message through each at the same time. */
export async function showChannels(given: ParsedArguments, io: CliIo): Promise<ExitCode> {
  const { source, from } = await settingsOfMonitor();
  const { channels, problems } = await loadChannels(source);
  const wanted = wantedOf(given.words[0], channels);
  const notice = testNotice();
  const tested = await Promise.all(
    wanted.map(async (channel): Promise<Tested> => {
      const result = given.has('test') ? await channel.send(notice, io.signal) : null;
      return { channel, result };
    }),
  );
  if (given.has('json')) io.out(jsonText(documentOf(tested, problems, from), 2));
  else print(tested, problems, from, io);
  if (tested.some(({ result }) => result !== null && result.kind !== 'sent')) return 1;
  return problems.length > 0 || channels.length === 0 ? 2 : 0;
}

/**
 * The channels of the monitor in PM2's list, as its next start reads them; without one those of this shell. PM2 may
 * be down: that is when a test matters.
 */
async function settingsOfMonitor(): Promise<{ source: NotifySource; from: 'monitor' | 'shell' }> {
  const own = loadMonitorConfig();
  const pm2 = new MonitorInquiry(own.pm2Home);
  try {
    const env = monitorEnvironment(await pm2.processes());
    if (env !== null) return { source: loadMonitorConfig(env).notify, from: 'monitor' };
  } catch {
    // Without PM2 the channels of this shell are all that can be tested.
  } finally {
    await pm2.close();
  }
  return { source: own.notify, from: 'shell' };
}

function wantedOf(name: string | undefined, channels: readonly Channel[]): readonly Channel[] {
  if (name === undefined) return channels;
  const found = channels.filter((channel) => channel.name === name);
  if (found.length > 0) return found;
  const names = channels.map((channel) => channel.name);
  const hint = didYouMean(name, names, `the channels are ${names.join(', ') || 'none'}`);
  throw usage(`notify: no channel is called '${sanitizeLine(name)}'; ${hint}`);
}

function testNotice(): Notice {
  return {
    schemaVersion: 1,
    id: randomUUID(),
    event: 'test',
    severity: 'info',
    host: hostname(),
    at: new Date(systemClock.wall()).toISOString(),
    apps: [],
    moreApps: 0,
    text: 'This is a test. Messages about your apps will arrive here.',
  };
}

function documentOf(
  tested: readonly Tested[],
  problems: readonly string[],
  from: 'monitor' | 'shell',
): unknown {
  const channels = tested.map(({ channel: { name, kind, shown, minSeverity }, result }) => ({
    name,
    kind,
    shown,
    severity: minSeverity,
    result,
  }));
  return { schemaVersion: 1, from, channels, problems };
}

function print(
  tested: readonly Tested[],
  problems: readonly string[],
  from: 'monitor' | 'shell',
  io: CliIo,
): void {
  for (const line of tableLines(
    tested.map((each) => rowOf(each, io)),
    io.columns,
  ))
    io.out(line);
  for (const problem of problems) io.err(sanitizeLine(problem));
  if (tested.length === 0 && problems.length === 0) {
    io.err('no channel is set up: put one into LIVENESS_NOTIFY of the monitor (docs/NOTIFY.md)');
  }
  if (from === 'shell') {
    io.err('PM2 lists no pm2-liveness: these are the channels in the environment of this shell');
  }
}

function rowOf({ channel, result }: Tested, { style }: CliIo): readonly Cell[] {
  const { name, shown, minSeverity } = channel;
  const about = [{ text: name }, { text: shown }];
  if (result === null) return [...about, { text: `${minSeverity} and worse` }];
  switch (result.kind) {
    case 'sent':
      return [...about, { text: 'sent', paint: style.good }, { text: result.answer }];
    case 'retry':
      return [...about, { text: 'not sent', paint: style.warn }, { text: result.reason }];
    case 'refused':
      return [...about, { text: 'refused', paint: style.bad }, { text: result.reason }];
  }
}
