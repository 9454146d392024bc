import { isRecord } from '../../config/bad-value.ts';
import { loadMonitorConfig, type Environment } from '../../config/load.ts';
import type { LogFormat } from '../../config/overrides.ts';
import { formatProblems, type Problem } from '../../config/problem.ts';
import type { Overrides } from '../../config/target-config.ts';
import type { ManagedProcess } from '../../pm2/process.ts';
import { isMonitorProcess, MONITOR_NAME } from '../../pm2/monitor-process.ts';

/** One setting in force: its value as a person writes it, and where it comes from. */
export interface EffectiveSetting {
  readonly key: string;
  readonly value: string;
  /** `default`, `env_liveness`, `pm2 set …`, `LIVENESS_…`, or the setting that it `follows`. */
  readonly source: string;
}

/** The settings of one source beside the blocks, and their names there. */
export interface SettingSource {
  readonly overrides: Overrides;
  readonly nameOf: (key: string) => string;
}

/** The monitor's own settings. Of the sources, the first one wins. */
export interface MonitorSettings {
  readonly sources: readonly SettingSource[];
  readonly log: { readonly value: LogFormat; readonly source: string };
  /** Which of them are wrong and ignored, as one text; null where none is. */
  readonly problems: string | null;
}

/**
 * The settings of the monitor in PM2's list, as its next start will read them; null where none is listed.
 * `lastGood` has the last good values of `pm2 set`. Nothing else of its environment is read.
 */
export function monitorSettings(
  processes: readonly ManagedProcess[],
  lastGood: Readonly<Record<string, unknown>>,
): MonitorSettings | null {
  const variables = monitorEnvironment(processes);
  if (variables === null) return null;
  const isModule = (name: string): boolean => name === MONITOR_NAME;
  const ofModule = loadMonitorConfig(only(variables, isModule), lastGood);
  const ofEnv = loadMonitorConfig(only(variables, (name) => !isModule(name)));
  const all = loadMonitorConfig(variables, lastGood);
  return {
    sources: [
      { overrides: ofEnv.overrides, nameOf: variableName },
      {
        overrides: ofModule.overrides,
        nameOf: (key) => `pm2 set ${MONITOR_NAME}:${moduleName(key)}`,
      },
    ],
    log: { value: all.log, source: logSource(variables, ofModule.moduleSettings) },
    problems: textOf(all.problems),
  };
}

/** The variables with settings of the monitor in PM2's list; null where none is listed. They have secrets. */
export function monitorEnvironment(processes: readonly ManagedProcess[]): Environment | null {
  const named = processes.filter(isMonitorProcess);
  const monitor = named.find(({ status }) => status === 'online') ?? named[0];
  return monitor === undefined ? null : variablesOf(monitor);
}

/** `LIVENESS_…`, and the variable that PM2 makes from `pm2 set`. All others may be secrets. */
export function variablesOf({ env }: Pick<ManagedProcess, 'env'>): Environment {
  // The values in `env` win in the environment of a process (PM2's God.executeApp).
  const inner = isRecord(env['env']) ? env['env'] : {};
  const entries = Object.entries({ ...env, ...inner }).filter(
    (entry): entry is [string, string] =>
      (entry[0].startsWith('LIVENESS_') || entry[0] === MONITOR_NAME) &&
      typeof entry[1] === 'string',
  );
  return Object.fromEntries(entries);
}

function only(variables: Environment, isWanted: (name: string) => boolean): Environment {
  return Object.fromEntries(Object.entries(variables).filter(([name]) => isWanted(name)));
}

function logSource(
  { LIVENESS_LOG: log = '' }: Environment,
  module: Readonly<Record<string, unknown>> | null,
): string {
  const isFormat = log === 'text' || log === 'json';
  if (isFormat) return variableName('log');
  return module && 'log' in module ? `pm2 set ${MONITOR_NAME}:${moduleName('log')}` : 'default';
}

function variableName(key: string): string {
  return moduleName(key).toUpperCase();
}

/** `liveness_fast_period` for `fastPeriod`. */
function moduleName(key: string): string {
  return `liveness_${key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}`;
}

function textOf(problems: readonly Problem[]): string | null {
  return problems.length === 0 ? null : formatProblems(MONITOR_NAME, problems);
}
