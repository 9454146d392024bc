import { join } from 'node:path';
import { dataDir } from '../../config/data-dir.ts';
import { loadMonitorConfig } from '../../config/load.ts';
import { LivenessError } from '../../errors.ts';
import {
  FIX_IT,
  readWatched,
  updateWatched,
  WATCHED_FILE,
  withWatched,
} from '../../store/watched-file.ts';
import { jsonText } from '../../text/json-text.ts';
import { sanitizeLine } from '../../text/sanitize.ts';
import { isYes, type AskLine } from '../framework/ask.ts';
import type { CliIo, ExitCode, ParsedArguments } from '../framework/command.ts';
import { printMessage } from '../framework/message.ts';
import { MonitorInquiry } from '../status/monitor-status.ts';
import { askMissing } from './ask-missing.ts';
import { findPlans } from './find-plans.ts';
import { planLines, type Plan } from './plan.ts';
import { ensureMonitor, showWatched } from './watching.ts';

/** What `watch` asks of PM2 and of its monitor. */
type Inquiry = Pick<MonitorInquiry, 'status' | 'processes' | 'close'>;

/**
 * `watch [app] [probe]`: shows what it would write, asks, writes it into watched.json, and waits until the
 * monitor has it. Nothing in PM2 is changed, but that a monitor is started on the user's word.
 */
export async function runWatch(
  { words, has }: ParsedArguments,
  terminal: CliIo,
  ask: AskLine,
  inquire: (pm2Home: string) => Inquiry = (pm2Home) => new MonitorInquiry(pm2Home),
): Promise<ExitCode> {
  const { pm2Home } = loadMonitorConfig();
  const dir = dataDir(pm2Home);
  const kept = await readWatched(dir);
  if (typeof kept === 'string') throw new LivenessError('ERR_CONFIG', `${kept}; ${FIX_IT}`);
  const isJson = has('json');
  // Only the document is printed then, and nothing is asked.
  const io: CliIo = isJson ? { ...terminal, out: () => undefined } : terminal;
  const asking: AskLine = isJson ? async () => null : ask;
  const monitor = inquire(pm2Home);
  try {
    const apps = { pm2Home, processes: await monitor.processes() };
    const found = await findPlans(words, apps, io.signal);
    const nobody = isJson || has('yes');
    const asksFor = { ...apps, io, ask: nobody ? async () => null : ask };
    const plans = await shown(found, words.length < 2, asksFor);
    const offered = plans.filter(({ state }) => state === 'proposed');
    const taken = await choose(offered, { isYes: has('yes'), dir, io, ask: asking });
    for (const { app, proposal } of taken) {
      await updateWatched(dir, (document) => withWatched(document, app.name, proposal.block));
    }
    const names = taken.map(({ app }) => app.name);
    if (taken.length > 0) printMessage(`Written: ${names.join(', ')}.`, io);
    const isWritten =
      offered.length === taken.length && plans.every(({ state }) => state !== 'none');
    const isAsked = taken.length > 0 || offered.length === 0;
    const deps = { monitor, pm2Home, isYes: has('yes'), io, ask: asking };
    const leads = isAsked ? await ensureMonitor(deps) : null;
    const isSeen = leads === true && (names.length === 0 || (await showWatched(names, deps)));
    if (isJson) terminal.out(documentOf(plans, taken, leads));
    if (leads === false) return 3;
    return isWritten && isSeen ? 0 : 1;
  } finally {
    await monitor.close();
  }
}

/** Prints the plans, and with `isOpen` asks for what is missing in them. */
async function shown(
  plans: readonly Plan[],
  isOpen: boolean,
  deps: Parameters<typeof askMissing>[1],
): Promise<readonly Plan[]> {
  const { io } = deps;
  if (plans.length === 0) io.out('PM2 has no app that nobody watches.');
  const done: Plan[] = [];
  for (const plan of plans) {
    for (const line of planLines(plan, io)) io.out(line);
    const isMissing = plan.state === 'none' && isOpen;
    done.push(isMissing ? await askMissing(plan, deps) : plan);
  }
  return done;
}

/** What choosing needs: the folder of the file, and the terminal. */
interface Choosing {
  readonly isYes: boolean;
  readonly dir: string;
  readonly io: CliIo;
  readonly ask: AskLine;
}

/** The plans that the user takes: all, some or none. */
async function choose(
  plans: readonly Plan[],
  { isYes: isAll, dir, io, ask }: Choosing,
): Promise<readonly Plan[]> {
  if (plans.length === 0) return [];
  const what = `This is written to ${join(dir, WATCHED_FILE)}. No app is changed or restarted now; the monitor will restart one that stops answering.`;
  io.out('');
  printMessage(what, io);
  if (isAll) return plans;
  const names = plans.map(({ app }) => sanitizeLine(app.name)).join(', ');
  const more = plans.length > 1 ? '/c = choose' : '';
  const answer = await ask(`Watch ${names}? [y/N${more}] `, io.signal);
  if (answer === null) io.err('Nothing is written: there is no terminal to ask on; add --yes.');
  else if (isYes(answer)) return plans;
  if (answer === null || more === '' || !/^c/i.test(answer)) {
    if (answer !== null) io.err('Nothing is written.');
    return [];
  }
  const taken: Plan[] = [];
  for (const plan of plans) {
    const each = await ask(`Watch ${sanitizeLine(plan.app.name)}? [y/N] `, io.signal);
    if (each !== null && isYes(each)) taken.push(plan);
  }
  return taken;
}

function documentOf(plans: readonly Plan[], taken: readonly Plan[], leads: boolean | null): string {
  const apps = plans.map((plan) => ({
    name: plan.app.name,
    state: taken.includes(plan) ? 'added' : plan.state,
    block: plan.proposal.block,
    found: plan.proposal.found,
    warning: plan.proposal.warning,
  }));
  return jsonText({ schemaVersion: 1, apps, isMonitorRunning: leads }, 2);
}
