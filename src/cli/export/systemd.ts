import { formatDuration } from '../../config/schema/durations.ts';
import { singleLine } from '../../text/single-line.ts';
import { shellWord } from '../../text/shell-word.ts';
import type { ExportedApp } from './exported-app.ts';
import {
  checkWords,
  headerLosses,
  judgementLosses,
  probeLosses,
  secondsOf,
  variableLosses,
} from './health.ts';

/** `Restart` waits this long, as PM2 starts a crashed app at once. */
const RESTART_SEC = '100ms';

/**
 * A unit that runs the app and probes it: a loop beside it in its control group tells systemd's watchdog of each good
 * check, and the watchdog ends and restarts an app that has had none for too long. `program` is the path of our program.
 */
export function systemdLines(app: ExportedApp, program: readonly string[]): string[] {
  const { name, cwd, env, killTimeoutMs, config, otherVariables } = app;
  const { policy, maxTreeMemoryBytes } = config;
  const { restarts } = policy;
  const loop = loopOf(app, program);
  return [
    `# ${singleLine(name)}: written by \`pm2-liveness export systemd\`. What is lost:`,
    ...lossesOf(app).map((line) => `# - ${line}`),
    '[Unit]',
    `Description=${specifiers(singleLine(name))}`,
    'After=network.target',
    `# After ${restarts.limit} starts in this time it is given up: systemctl reset-failed`,
    `StartLimitIntervalSec=${secondsOf(restarts.withinMs)}`,
    `StartLimitBurst=${restarts.limit + 1}`,
    '',
    '[Service]',
    'Type=exec',
    `WorkingDirectory=${specifiers(cwd)}`,
    ...Object.entries(env).map(([key, value]) => `Environment=${quoted(`${key}=${value}`)}`),
    ...(otherVariables.length > 0 ? [`# EnvironmentFile=/etc/${fileName(name)}.env`] : []),
    `ExecStart=${loop === null ? app.command.map(quoted).join(' ') : `/bin/sh -c ${quoted(loop)}`}`,
    'Restart=always',
    `RestartSec=${RESTART_SEC}`,
    `TimeoutStopSec=${formatDuration(killTimeoutMs)}`,
    ...(maxTreeMemoryBytes === null ? [] : [`MemoryMax=${maxTreeMemoryBytes}`]),
    ...(loop === null ? [] : watchdogLines(app)),
    '',
    '[Install]',
    'WantedBy=multi-user.target',
  ];
}

function watchdogLines({ config, killTimeoutMs }: ExportedApp): string[] {
  return [
    'NotifyAccess=all',
    '# Until the first good check; the loop then makes it as short as the block wants it.',
    `WatchdogSec=${formatDuration(config.policy.startupTimeoutMs)}`,
    '# What hangs gets the signal that PM2 sends, and SIGKILL after it.',
    'WatchdogSignal=SIGINT',
    `TimeoutAbortSec=${formatDuration(killTimeoutMs)}`,
  ];
}

/** The app in the place of the shell, and beside it the loop of checks; null where nothing can be checked. */
function loopOf({ command, config }: ExportedApp, program: readonly string[]): string | null {
  const { schedule, policy, probe } = config;
  const words =
    probe.type === 'exec' ? [probe.file, ...probe.args] : checkWords(probe, schedule.timeoutMs);
  if (words === null) return null;
  const asks = [...(probe.type === 'exec' ? [] : program), ...words].map(shellWord).join(' ');
  const patienceMs = policy.failureThreshold * (schedule.periodMs + schedule.timeoutMs);
  const good = `systemd-notify WATCHDOG=1 WATCHDOG_USEC=${patienceMs * 1_000}`;
  const period = schedule.periodMs / 1_000;
  const loop = `while sleep ${period}; do ${asks} >/dev/null 2>&1 && ${good}; done`;
  return `(${loop}) & exec ${command.map(shellWord).join(' ')}`;
}

function lossesOf(app: ExportedApp): string[] {
  const { config, instances } = app;
  const losses = [
    ...judgementLosses(config),
    ...headerLosses(config.probe),
    ...probeLosses(config.probe),
  ];
  if (checkWords(config.probe, 1) === null && config.probe.type !== 'exec') {
    losses.push('the probe: this one cannot be asked from here, so only a crash is seen');
  }
  losses.push(...variableLosses(app));
  if (instances > 1) losses.push(`instances (${instances}): one process`);
  return losses;
}

/** A word of a command line of systemd, which knows quotes, backslashes, `$` and `%`. */
function quoted(text: string): string {
  const escaped = specifiers(text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')).replaceAll(
    '$',
    '$$$$',
  );
  return /^[\w@%+=:,./-]+$/.test(text) ? escaped : `"${escaped.replaceAll('\n', '\\n')}"`;
}

function specifiers(text: string): string {
  return text.replaceAll('%', '%%');
}

/** The name of the unit's file, without its end. */
export function fileName(name: string): string {
  return name.replace(/[^A-Za-z0-9:_.-]+/g, '-') || 'app';
}
