import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadMonitorConfig } from '../../config/load.ts';
import { Secrets } from '../../config/secrets/secrets.ts';
import { argumentSecrets, loginsIn } from '../../config/secrets/word-secrets.ts';
import { isMonitorProcess } from '../../pm2/monitor-process.ts';
import { didYouMean } from '../../text/nearest.ts';
import { sanitizeLine } from '../../text/sanitize.ts';
import type { CliIo, ExitCode, ParsedArguments } from '../framework/command.ts';
import { usage } from '../framework/parse-arguments.ts';
import { findFile } from '../init/find-file.ts';
import { loadApps } from '../init/load-config.ts';
import { MonitorInquiry } from '../status/monitor-status.ts';
import { composeLines } from './compose.ts';
import type { Format } from './export.ts';
import { runningApp, writtenApp, type ExportedApp, type NotExported } from './exported-app.ts';
import { kubernetesLines } from './kubernetes.ts';
import { fileName, systemdLines } from './systemd.ts';

/**
 * `export <format> [app…]`: prints the apps of PM2's list, or of a file. Ends with 2 where one of them cannot be written.
 * Throws ERR_USAGE for an app that is not there, ERR_CONFIG for a file that cannot be read, and as PM2's client does.
 */
export async function runExport(
  format: Format,
  { words: [, ...names], valueOf }: ParsedArguments,
  io: CliIo,
): Promise<ExitCode> {
  const file = valueOf('file');
  const all = file === undefined ? await runningApps() : await writtenApps(file);
  const found = names.length === 0 ? all.filter(isWatched) : wanted(all, names);
  const apps = found.filter((app): app is ExportedApp => 'command' in app);
  for (const line of linesOf(format, apps)) io.out(line);
  const refused = found.filter((app): app is NotExported => !('command' in app));
  for (const { name, reason } of refused) io.err(sanitizeLine(`${name} is left out: ${reason}`));
  if (found.length === 0) {
    io.err('no app has an env_liveness block; `pm2-liveness init` or `watch` gives it one');
  }
  return refused.length > 0 || found.length === 0 ? 2 : 0;
}

/** Without a name, an app that nobody watches is not meant. */
function isWatched(app: ExportedApp | NotExported): boolean {
  return 'command' in app || app.isUnwatched !== true;
}

async function runningApps(): Promise<readonly (ExportedApp | NotExported)[]> {
  const pm2 = new MonitorInquiry(loadMonitorConfig().pm2Home);
  try {
    const processes = (await pm2.processes()).filter((each) => !isMonitorProcess(each));
    return processes
      .filter(({ name }, at) => processes.findIndex((each) => each.name === name) === at)
      .map((first) => {
        const { length } = processes.filter(({ name }) => name === first.name);
        return runningApp(first, length);
      });
  } finally {
    await pm2.close();
  }
}

async function writtenApps(named: string): Promise<readonly (ExportedApp | NotExported)[]> {
  const file = findFile(process.cwd(), named, 'export');
  const apps = await loadApps(file);
  return apps.map((app) => writtenApp(app, dirname(file)));
}

function wanted(
  all: readonly (ExportedApp | NotExported)[],
  names: readonly string[],
): readonly (ExportedApp | NotExported)[] {
  return names.map((name) => {
    const found = all.find((app) => app.name === name);
    if (found) return found;
    const known = all.map((app) => app.name);
    throw usage(
      `export: there is no app '${name}' (${didYouMean(name, known, known.join(', ') || 'none')})`,
    );
  });
}

/** The lines of these apps, without a secret. */
export function linesOf(format: Format, apps: readonly ExportedApp[]): readonly string[] {
  if (apps.length === 0) return [];
  if (format === 'compose') return masked(composeLines(apps), apps);
  return apps.flatMap((app, at) => {
    const lines = format === 'systemd' ? unitLines(app) : kubernetesLines(app);
    return [...(at > 0 ? [format === 'systemd' ? '' : '---'] : []), ...masked(lines, [app])];
  });
}

function unitLines(app: ExportedApp): string[] {
  const program = fileURLToPath(new URL('../main.js', import.meta.url));
  return [
    `# /etc/systemd/system/${fileName(app.name)}.service`,
    ...systemdLines(app, [process.execPath, program]),
  ];
}

/** What is secret in a block or a command line becomes `…`, and a line says so. */
function masked(lines: readonly string[], apps: readonly ExportedApp[]): readonly string[] {
  const hidden = apps.flatMap(({ command, config }) => [
    ...(config.secrets?.entries ?? []),
    ...argumentSecrets(command),
    ...loginsIn(command.join(' ')),
  ]);
  const secrets = new Secrets(hidden);
  const shown = lines.map((line) => sanitizeLine(secrets.mask(line)));
  const isMasked = shown.some((line, at) => line !== sanitizeLine(lines[at] ?? ''));
  return isMasked
    ? ['# A secret is not written: put it in where there is … or ${NAME}.', ...shown]
    : shown;
}
