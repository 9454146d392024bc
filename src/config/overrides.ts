import { hasLostLogin } from './secrets/lost-login.ts';
import { messageOf } from '../errors.ts';
import { show } from './bad-value.ts';
import { escapeUnprintable } from '../text/sanitize.ts';
import { dropUndefined } from './drop-undefined.ts';
import { nearest } from '../text/nearest.ts';
import { parseListenAddress, type ListenAddress } from './listen-address.ts';
import type { Problem } from './problem.ts';
import { fromText, parseChoice, scalars, type Scalars } from './schema/scalars.ts';
import { SecretText } from './secrets/secret-text.ts';
import type { Overrides } from './target-config.ts';

/** How the monitor writes its log: lines for people, or NDJSON. */
export type LogFormat = 'text' | 'json';

/** One source of settings of the monitor, by names such as `failure_threshold`. */
export interface RawSettings {
  /** The name of a setting in messages: `LIVENESS_PERIOD`. */
  readonly pathOf: (name: string) => string;
  /** Undefined where the source does not have it. */
  readonly valueOf: (name: string) => unknown;
  /** The last good value of a setting; undefined where none is known. */
  readonly lastGoodOf?: (name: string) => unknown;
  /** All names in the source, valid or not. */
  readonly names: readonly string[];
  /** Settings among ours without their prefix, by their name in messages: `pm2-liveness:period`. */
  readonly strays: readonly string[];
  /** True where an unknown name is an error; false where it can belong to others. */
  readonly isOursAlone: boolean;
}

/** The settings of one source, and its problems; wrong settings are left out. */
export interface ReadSettings {
  readonly overrides: Overrides;
  readonly log: LogFormat | undefined;
  /** The channels of `notify`, and the path of `notify_file`. */
  readonly notify: SecretText | undefined;
  readonly notifyFile: string | undefined;
  /** The URL of the dead man's switch. */
  readonly ping: SecretText | undefined;
  /** Where the listener waits, and its token, good or not. */
  readonly http: ListenAddress | undefined;
  readonly httpToken: SecretText | undefined;
  readonly pathOf: RawSettings['pathOf'];
  readonly problems: readonly Problem[];
  /** The raw settings in force, by name. */
  readonly inForce: Readonly<Record<string, unknown>>;
}

/** Reads every setting of a source. Never throws. */
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
  const secrets = readSecrets(source, names, problems);
  const http = read('http', parseListenAddress);
  const all = [...problems, ...unknownNames(source, names)];
  return { overrides, log, http, ...secrets, pathOf: source.pathOf, problems: all, inForce };
}

/** These have secrets, so they are never among the raw settings that are kept, nor in a message. */
function readSecrets(
  source: RawSettings,
  names: string[],
  problems: Problem[],
): Pick<ReadSettings, 'notify' | 'notifyFile' | 'ping' | 'httpToken'> {
  const read = (name: string, page = 'NOTIFY'): string | undefined => {
    names.push(name);
    const value = source.valueOf(name);
    if (value === undefined || typeof value === 'string') return value || undefined;
    const path = source.pathOf(name);
    problems.push({ path, message: `got a ${typeof value}, wanted a text (docs/${page}.md)` });
    return undefined;
  };
  const lines = read('notify');
  const ping = read('ping');
  const isGood = ping !== undefined && isWebUrl(ping);
  if (ping !== undefined && !isGood) {
    const message =
      'got no URL, wanted one like https://hc-ping.com/…; in a user or password write @ / ? # as %40 %2F %3F %23, and @ as %40 everywhere else (docs/NOTIFY.md)';
    problems.push({ path: source.pathOf('ping'), message });
  }
  const notifyFile = read('notify_file');
  const token = read('http_token', 'HTTP');
  // A number was meant as a token: without it what was to be closed would be open.
  const isNoText = !['undefined', 'string'].includes(typeof source.valueOf('http_token'));
  return {
    ping: isGood ? new SecretText(ping) : undefined,
    notify: lines === undefined ? undefined : new SecretText(lines),
    notifyFile,
    httpToken: token === undefined && !isNoText ? undefined : new SecretText(token ?? ''),
  };
}

function isWebUrl(text: string): boolean {
  return /^https?:\/\//i.test(text) && URL.canParse(text) && !hasLostLogin(text);
}

/** A value, or the last good one instead of a bad one. */
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

/** Problems for names that nothing reads, so that their author does not wait for an effect. */
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
