import { codeOf, messageOf } from '../../errors.ts';
import type { StatusDocument } from '../../report/status.ts';
import { sanitizeLine, sanitizeLines } from '../../text/sanitize.ts';
import { systemClock as clock } from '../../time/clock.ts';
import { isYes, type AskLine } from '../framework/ask.ts';
import type { CliIo } from '../framework/command.ts';
import { printMessage } from '../framework/message.ts';
import { complaintOf, runPm2 } from '../framework/pm2-command.ts';
import { bootAdvice } from '../launch/boot-advice.ts';
import type { MonitorInquiry } from '../status/monitor-status.ts';
import { monitorStart } from './monitor-start.ts';

/** The monitor reads the file every two seconds; an app is then probed within its period. */
const SEEN_WITHIN_MS = 15_000;
/** On a busy machine with many apps a monitor took 25 s. */
const STARTED_WITHIN_MS = 60_000;
const LOOK_AGAIN_MS = 250;

/** What is asked of the monitor and of PM2. */
type Monitor = Pick<MonitorInquiry, 'status' | 'processes'>;

/** What is needed to see the apps watched. */
interface WatchingDeps {
  readonly monitor: Monitor;
  readonly pm2Home: string;
  readonly isYes: boolean;
  readonly io: CliIo;
  readonly ask: AskLine;
}

/** Has the monitor run, by starting it on the user's word. Returns whether one leads. */
export async function ensureMonitor(deps: WatchingDeps): Promise<boolean> {
  const { monitor, io, ask } = deps;
  if ((await statusOf(monitor)) !== null) return true;
  const { line, words, reason } = monitorStart(await monitor.processes());
  io.out('');
  printMessage(`Nothing is watched yet: ${reason}.`, io, io.style.warn);
  if (line !== '') io.out(`  ${sanitizeLine(line)}`);
  if (words === null) return false;
  const answer = deps.isYes ? 'y' : await ask('Start it now? [y/N] ', io.signal);
  if (answer === null || !isYes(answer)) return false;
  const { failed, text } = await runPm2(words);
  if (failed) {
    io.err(`watch: ${sanitizeLines(complaintOf(text))}`);
    return false;
  }
  const isUp = (await lookUntil(deps, STARTED_WITHIN_MS, () => true)) !== null;
  if (isUp) io.out('The monitor is started.');
  else io.err(NOT_YET);
  const advice = await bootAdvice(deps.pm2Home, () => monitor.processes());
  for (const each of advice) printMessage(each, io);
  return isUp;
}

const NOT_YET =
  'The monitor is started, but does not answer yet. Type `npx pm2-liveness status` a little later; its log: `npx pm2 logs pm2-liveness`.';

/** Waits until the monitor has taken over the blocks of these apps, and prints how they are. True where it has. */
export async function showWatched(names: readonly string[], deps: WatchingDeps): Promise<boolean> {
  const { io } = deps;
  const known = ({ targets, misconfigured }: StatusDocument, name: string): boolean =>
    misconfigured.some((each) => each.name === name) ||
    targets.some((each) => each.name === name && each.state !== 'starting');
  const isDone = (status: StatusDocument): boolean => names.every((name) => known(status, name));
  const status = await lookUntil(deps, SEEN_WITHIN_MS, isDone);
  const seen = new Set(
    [...(status?.targets ?? []), ...(status?.misconfigured ?? [])].map(({ name }) => name),
  );
  io.out('');
  for (const { name, summary } of status?.targets ?? []) {
    if (names.includes(name)) printMessage(`${name}: ${summary}`, io);
  }
  const missing = names.filter((name) => !seen.has(name));
  if (missing.length === 0) return true;
  io.err(
    sanitizeLine(
      `The monitor does not watch ${missing.join(', ')} yet; where it is older than this program: npx pm2 restart pm2-liveness`,
    ),
  );
  return false;
}

/** The last status within this time, the first one that is as wanted; null where no monitor answered. */
async function lookUntil(
  { monitor, io }: WatchingDeps,
  withinMs: number,
  isWanted: (status: StatusDocument) => boolean,
): Promise<StatusDocument | null> {
  const until = clock.now() + withinMs;
  let last: StatusDocument | null = null;
  do {
    last = (await statusOf(monitor)) ?? last;
    if (last !== null && isWanted(last)) return last;
    await clock.sleep(LOOK_AGAIN_MS, io.signal);
  } while (clock.now() < until && !io.signal.aborted);
  return last;
}

/** The status of the leader; null where none answers. */
async function statusOf(monitor: Monitor): Promise<StatusDocument | null> {
  try {
    return await monitor.status();
  } catch (error) {
    // One that starts or ends just now.
    if (codeOf(error)?.startsWith('ERR_')) return null;
    throw new Error(messageOf(error), { cause: error });
  }
}
