import { dataDir } from '../../config/data-dir.ts';
import { loadMonitorConfig } from '../../config/load.ts';
import { didYouMean } from '../../text/nearest.ts';
import { formatProblems } from '../../config/problem.ts';
import { numberOf } from '../../target/grouping.ts';
import type { ManagedProcess } from '../../pm2/process.ts';
import { sanitizeLine, sanitizeLines } from '../../text/sanitize.ts';
import { jsonText } from '../../text/json-text.ts';
import { readSettings } from '../../store/settings-file.ts';
import type { CliIo, ExitCode, ParsedArguments } from '../framework/command.ts';
import { effectiveSettings } from './effective-settings.ts';
import { MonitorInquiry } from '../status/monitor-status.ts';
import { usage } from '../framework/parse-arguments.ts';
import { monitorSettings, type EffectiveSetting, type MonitorSettings } from './setting-sources.ts';
import { tableLines } from '../framework/table.ts';
import { appArgument } from '../../text/shell-word.ts';
import { instanceLabel } from '../../text/instance-label.ts';

/** The settings of one app, or of one instance of it. */
interface AppSettings {
  readonly name: string;
  readonly instance: number;
  readonly settings: readonly EffectiveSetting[];
}

/** `config print [app]`: every setting of every app with a block, or of one. */
export async function printConfig({ words, has }: ParsedArguments, io: CliIo): Promise<ExitCode> {
  const { pm2Home } = loadMonitorConfig();
  const pm2 = new MonitorInquiry(pm2Home);
  try {
    const processes = await pm2.processes();
    const monitor = monitorSettings(processes, await readSettings(dataDir(pm2Home)));
    const { apps, misconfigured } = settingsOf(wantedOf(words[1], processes), monitor);
    if (has('json')) {
      const { log, problems } = monitor ?? { log: null, problems: null };
      const about = monitor && { log, problems };
      io.out(jsonText({ schemaVersion: 1, monitor: about, apps, misconfigured }, 2));
    } else {
      printTables(apps, monitor, io);
      for (const { message } of misconfigured) io.err(sanitizeLines(message));
      if (monitor?.problems) io.err(sanitizeLines(monitor.problems));
    }
    if (monitor === null)
      io.err('PM2 runs no pm2-liveness: these settings come from the blocks alone');
    if (apps.length === 0 && misconfigured.length === 0)
      io.err('no app is watched; `pm2-liveness watch` finds what to probe');
    return misconfigured.length > 0 || monitor?.problems ? 2 : 0;
  } finally {
    await pm2.close();
  }
}

/** The processes with a block. Throws ERR_USAGE for an app without one, and suggests a name. */
function wantedOf(
  app: string | undefined,
  processes: readonly ManagedProcess[],
): readonly ManagedProcess[] {
  const withBlock = processes.filter(({ block }) => block !== undefined);
  if (app === undefined) return withBlock;
  const found = withBlock.filter(({ name }) => name === app);
  if (found.length > 0) return found;
  if (processes.some(({ name }) => name === app)) {
    throw usage(
      `config print: '${app}' is not watched, so no settings apply to it; \`pm2-liveness watch ${appArgument(app)}\``,
    );
  }
  const names = [...new Set(withBlock.map(({ name }) => name))];
  const hint = didYouMean(app, names, `watched: ${names.join(', ') || 'none'}`);
  throw usage(`config print: no watched app is called '${app}' (${hint})`);
}

function settingsOf(
  processes: readonly ManagedProcess[],
  monitor: MonitorSettings | null,
): { apps: readonly AppSettings[]; misconfigured: readonly { name: string; message: string }[] } {
  const apps: AppSettings[] = [];
  const misconfigured: { name: string; message: string }[] = [];
  for (const process of processes) {
    const { name } = process;
    const read = effectiveSettings(process, monitor?.sources ?? []);
    if (read.ok) {
      const { settings } = read;
      const isSame = (other: AppSettings): boolean =>
        other.name === name && JSON.stringify(other.settings) === JSON.stringify(settings);
      // Instances with the same settings share one table.
      if (!apps.some(isSame)) apps.push({ name, instance: numberOf(process), settings });
      continue;
    }
    const message = formatProblems(name, read.problems);
    if (!misconfigured.some((other) => other.message === message)) {
      misconfigured.push({ name, message });
    }
  }
  return { apps, misconfigured };
}

function printTables(
  apps: readonly AppSettings[],
  monitor: MonitorSettings | null,
  io: CliIo,
): void {
  const { style, columns } = io;
  const table = (title: string, settings: readonly EffectiveSetting[]): void => {
    io.out(style.bold(sanitizeLine(title)));
    const rows = settings.map(({ key, value, source }) => [
      { text: `  ${key}` },
      { text: value },
      { text: source, paint: source === 'default' ? style.dim : style.good },
    ]);
    for (const line of tableLines(rows, columns)) io.out(line);
  };
  for (const { name, instance, settings } of apps) {
    table(instanceLabel(name, instance), settings);
  }
  if (monitor) table('the monitor', [{ key: 'log', ...monitor.log }]);
}
