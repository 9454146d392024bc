import { messageOf } from '../errors.ts';
import { show } from './bad-value.ts';
import { escapeUnprintable } from '../text/sanitize.ts';
import { dropUndefined } from './drop-undefined.ts';
import { nearest } from '../text/nearest.ts';
import type { Problem } from './problem.ts';
import { fromText, parseChoice, scalars, type Scalars } from './schema/scalars.ts';
import type { Overrides } from './target-config.ts';

/** How the monitor writes its log: lines for people, or NDJSON. */
export type LogFormat = 'text' | 'json';

/** One place that may hold settings of the monitor, by names such as `failure_threshold`. */
export interface RawSettings {
  /** How messages and people call the setting: `LIVENESS_PERIOD`. */
  readonly pathOf: (name: string) => string;
  /** Undefined when the place does not have it. */
  readonly valueOf: (name: string) => unknown;
  /** The value of the setting when it was last a good one; undefined where none is known. */
  readonly lastGoodOf?: (name: string) => unknown;
  /** All names the place has, valid or not. */
  readonly names: readonly string[];
  /** What stands among our settings and lacks their prefix, as people call it: `pm2-liveness:period`. */
  readonly strays: readonly string[];
  /** Whether a name that is like none of ours is an error here, or somebody else's. */
  readonly isOursAlone: boolean;
}

/** What one source says, and what is wrong with it; wrong settings are left out. */
export interface ReadSettings {
  readonly overrides: Overrides;
  readonly log: LogFormat | undefined;
  readonly problems: readonly Problem[];
  /** What stands there and is in force, by name and as it stands there. */
  readonly inForce: Readonly<Record<string, unknown>>;
}

/** Reads every setting that a source has. Never throws. */
export function readSettings(source: RawSettings): ReadSettings {
  const problems: Problem[] = [];
  const names: string[] = [];
  const inForce: Record<string, unknown> = {};
  const read = <Value>(name: string, parse: (input: unknown) => Value): Value | undefined => {
    names.push(name);
    const value = source.valueOf(name);
    if (value === undefined) return undefined;
    const parsed = parseOr(value, source.lastGoodOf?.(name), parse);
    if (parsed.problem !== null) {
      problems.push({ path: source.pathOf(name), message: parsed.problem });
    }
    if (parsed.raw !== undefined) inForce[name] = parsed.raw;
    return parsed.value;
  };
  const overrides = dropUndefined({
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
  const all = [...problems, ...unknownNames(source, names)];
  return { overrides, log, problems: all, inForce };
}

/** A value, or in place of a bad one the last that was good. */
interface Parsed<Value> {
  readonly raw?: unknown;
  readonly value?: Value;
  readonly problem: string | null;
}

function parseOr<Value>(
  raw: unknown,
  lastGood: unknown,
  parse: (input: unknown) => Value,
): Parsed<Value> {
  try {
    return { raw, value: parse(raw), problem: null };
  } catch (error) {
    const problem = messageOf(error);
    if (lastGood === undefined) return { problem };
    const { value, problem: worse } = parseOr(lastGood, undefined, parse);
    if (worse !== null || value === undefined) return { problem };
    return {
      raw: lastGood,
      value,
      problem: `${problem}; the last good value ${show(lastGood)} holds`,
    };
  }
}

function unknownNames(source: RawSettings, known: readonly string[]): readonly Problem[] {
  const unknown = source.names
    .filter((name) => !known.includes(name))
    .flatMap((name) => {
      const near = nearest(name, known);
      if (near === undefined && !source.isOursAlone) return [];
      const message =
        near === undefined
          ? `unknown setting; the settings are ${known.join(', ')}`
          : `unknown setting; did you mean '${source.pathOf(near)}'?`;
      return [{ path: source.pathOf(escapeUnprintable(name, 40)), message }];
    });
  return [...unknown, ...strayNames(source, known)];
}

/** Nobody reads these: who wrote one would wait for its effect in vain. */
function strayNames(source: RawSettings, known: readonly string[]): readonly Problem[] {
  return source.strays.map((stray) => {
    const near = nearest(stray.replace(/^.*:(livenes+[_-]?)?/i, ''), known);
    const message =
      near === undefined
        ? `unknown setting; write '${source.pathOf('<name>')}' with a name of ${known.join(', ')}`
        : `unknown setting; did you mean '${source.pathOf(near)}'?`;
    return { path: escapeUnprintable(stray, 60), message };
  });
}
