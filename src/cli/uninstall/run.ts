import { rm } from 'node:fs/promises';
import { loadMonitorConfig } from '../../config/load.ts';
import { messageOf } from '../../errors.ts';
import { MONITOR_NAME } from '../../pm2/monitor-process.ts';
import { forgetSavedMonitors } from '../../pm2/saved-list.ts';
import { sanitizeLine, sanitizeLines } from '../../text/sanitize.ts';
import { guardRemoval } from '../guard/removal.ts';
import { isAgreed, type AskLine } from '../framework/ask.ts';
import type { CliIo, ExitCode, ParsedArguments } from '../framework/command.ts';
import { ecosystemIn } from '../framework/ecosystem-here.ts';
import { complaintOf, runPm2 } from '../framework/pm2-command.ts';
import { MonitorInquiry } from '../status/monitor-status.ts';
import { findTraces, type Traces } from './traces.ts';

/** One thing to remove: how it is shown, and how it is done. */
interface Step {
  readonly text: string;
  readonly run: () => Promise<unknown>;
}

/** Shows what is to be removed, asks, removes it, and says what is left to a person. No app is touched. */
export async function runUninstall(
  dir: string,
  given: ParsedArguments,
  io: CliIo,
  ask: AskLine,
): Promise<ExitCode> {
  const { pm2Home } = loadMonitorConfig();
  const monitor = new MonitorInquiry(pm2Home);
  try {
    const guard = await guardRemoval();
    const traces = await findTraces(pm2Home, monitor);
    const steps = [...guard.steps, ...stepsFor(traces, pm2Home, monitor)];
    if (steps.length === 0) io.out('Nothing to remove from PM2.');
    else showSteps(steps, io);
    const isWanted =
      steps.length === 0 || (await isAgreed('Remove it?', 'removed', given, io, ask));
    if (!isWanted) return 1;
    for (const step of steps) {
      try {
        await step.run();
      } catch (error) {
        io.err(`uninstall: ${sanitizeLines(`${step.text}: ${messageOf(error)}`)}`);
        return 1;
      }
    }
    if (steps.length > 0)
      io.out('Removed. The apps run on as before; nothing restarts a hung one now.');
    await showRest(dir, guard.left, io);
    return 0;
  } finally {
    await monitor.close();
  }
}

/** What is there to remove, in its order: a monitor that still runs would write its files again. */
function stepsFor(traces: Traces, pm2Home: string, monitor: MonitorInquiry): readonly Step[] {
  const { monitors, isModule, saved, settings, folder, logs } = traces;
  const steps: Step[] = [];
  if (isModule && monitors !== null) {
    const words = ['uninstall', MONITOR_NAME];
    steps.push({ text: `the PM2 module ${MONITOR_NAME}`, run: () => pm2(words) });
  }
  for (const each of isModule ? [] : (monitors ?? [])) {
    const text = `the monitor ${each.name} (id ${each.pmId}, ${each.status}) from PM2`;
    steps.push({ text, run: () => monitor.remove(each) });
  }
  if (saved > 0) {
    const text = "the monitor from PM2's saved list";
    steps.push({ text, run: () => forgetSavedMonitors(pm2Home) });
  }
  if (settings.length > 0 && monitors !== null) {
    const text = `its settings of \`pm2 set\`: ${settings.join(', ')}`;
    steps.push({ text, run: () => pm2(['unset', MONITOR_NAME]) });
  }
  if (folder !== null) {
    const text = `${folder}: state, incidents and the apps of \`watch\``;
    steps.push({ text, run: () => rm(folder, { recursive: true, force: true, maxRetries: 3 }) });
  }
  if (logs.length > 0) {
    const text = `its logs: ${logs.join(', ')}`;
    steps.push({ text, run: () => Promise.all(logs.map((path) => rm(path, { force: true }))) });
  }
  return steps;
}

async function pm2(words: readonly string[]): Promise<void> {
  const { failed, text } = await runPm2(words);
  if (failed) throw new Error(complaintOf(text));
}

function showSteps(steps: readonly Step[], io: CliIo): void {
  io.out('This removes:');
  for (const { text } of steps) io.out(`  ${sanitizeLine(text)}`);
  io.out('No app is stopped or changed.');
}

/** Says what only a person may take out. */
async function showRest(dir: string, guard: readonly string[], io: CliIo): Promise<void> {
  const file = await ecosystemIn(dir);
  const apps = file?.apps ?? [];
  const blocks = [
    ...new Set(apps.filter(({ block }) => block !== undefined).map(({ name }) => name)),
  ];
  const parts = [
    ...(blocks.length > 0 ? [`\`env_liveness\` of ${blocks.join(', ')}`] : []),
    ...(apps.some(({ name }) => name === MONITOR_NAME) ? [`the app ${MONITOR_NAME}`] : []),
  ];
  const hasFile = file !== null && parts.length > 0;
  io.out('What is left to you:');
  for (const line of guard) io.out(`  ${line}`);
  if (hasFile) io.out(sanitizeLine(`  take out of ${file.name}: ${parts.join(', and ')}`));
  io.out(`  npm uninstall ${MONITOR_NAME}`);
}
