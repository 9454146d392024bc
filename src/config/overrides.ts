import { messageOf } from '../errors.ts';
import { printable } from './bad-value.ts';
import { defined } from './defined.ts';
import { nearest } from './nearest.ts';
import type { Problem } from './problem.ts';
import { fromText, parseChoice, scalars, type Scalars } from './scalars.ts';
import type { Overrides } from './target-config.ts';

/** How the monitor writes its log: lines for people, or NDJSON. */
export type LogFormat = 'text' | 'json';

/** One place that may hold settings of the monitor, by names such as `failure_threshold`. */
export interface SettingSource {
  /** How messages and people call the setting: `LIVENESS_PERIOD`. */
  readonly pathOf: (name: string) => string;
  /** Undefined when the place does not have it. */
  readonly valueOf: (name: string) => unknown;
  /** All names the place has, valid or not. */
  readonly names: readonly string[];
  /** Whether a name that is like none of ours is an error here, or somebody else's. */
  readonly isOursAlone: boolean;
}

/** What one source says, and what is wrong with it; wrong settings are left out. */
export interface SourceSettings {
  readonly overrides: Overrides;
  readonly log: LogFormat | undefined;
  readonly problems: readonly Problem[];
}

/** Reads every setting that a source has. Never throws. */
export function readSource(source: SettingSource): SourceSettings {
  const problems: Problem[] = [];
  const names: string[] = [];
  const read = <Value>(name: string, parse: (input: unknown) => Value): Value | undefined => {
    names.push(name);
    const value = source.valueOf(name);
    if (value === undefined) return undefined;
    try {
      return parse(value);
    } catch (error) {
      problems.push({ path: source.pathOf(name), message: messageOf(error) });
      return undefined;
    }
  };
  const overrides = defined({
    period: read('period', scalars.period),
    fastPeriod: read('fast_period', scalars.fastPeriod),
    startupPeriod: read('startup_period', scalars.startupPeriod),
    startupTimeout: read('startup_timeout', scalars.startupTimeout),
    timeout: read('timeout', scalars.timeout),
    failureThreshold: read('failure_threshold', fromText(scalars.failureThreshold)),
    successThreshold: read('success_threshold', fromText(scalars.successThreshold)),
    busyGrace: read('busy_grace', scalars.busyGrace),
    action: read('action', scalars.action),
  } satisfies Record<keyof Scalars, unknown>);
  const log = read('log', (input) => parseChoice<LogFormat>(input, ['text', 'json']));
  return { overrides, log, problems: [...problems, ...unknownNames(source, names)] };
}

function unknownNames(source: SettingSource, known: readonly string[]): readonly Problem[] {
  return source.names
    .filter((name) => !known.includes(name))
    .flatMap((name) => {
      const near = nearest(name, known);
      if (near === undefined && !source.isOursAlone) return [];
      const message =
        near === undefined
          ? `unknown setting; the settings are ${known.join(', ')}`
          : `unknown setting; did you mean '${source.pathOf(near)}'?`;
      return [{ path: source.pathOf(printable(name, 40)), message }];
    });
}
