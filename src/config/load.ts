import { homedir } from 'node:os';
import { resolve } from 'node:path';
import { isRecord } from './bad-value.ts';
import { isLoopback, SHORTEST_TOKEN, tokenProblem, type ListenerSource } from './listen-address.ts';
import { readSettings, type LogFormat, type RawSettings, type ReadSettings } from './overrides.ts';
import type { SecretText } from './secrets/secret-text.ts';
import { capProblems, type Problem } from './problem.ts';
import type { Overrides } from './target-config.ts';

/** The monitor's own settings, and what PM2 tells it about itself. */
export interface MonitorConfig {
  /** The settings for all targets, from `pm2 set` and the environment. */
  readonly overrides: Overrides;
  readonly log: LogFormat;
  /** Absolute. */
  readonly pm2Home: string;
  /** The monitor's own pm_id and name, or null when PM2 did not start it. */
  readonly pmId: number | null;
  readonly name: string | null;
  /** PATH; null where there is none. */
  readonly searchPath: string | null;
  /** The settings of `pm2 set` that are in force, by name; null where PM2 does not run us as a module. */
  readonly moduleSettings: Readonly<Record<string, unknown>> | null;
  /** Who is notified; its texts are secret. */
  readonly notify: NotifySource;
  /** Who may look, and where (docs/HTTP.md). */
  readonly listener: ListenerSource;
  /** Settings that were wrong and are ignored. */
  readonly problems: readonly Problem[];
}

/** Where the channels are written (docs/NOTIFY.md). */
export interface NotifySource {
  /** One URL or more; null for none. */
  readonly lines: SecretText | null;
  /** The file with more of them; null for none. */
  readonly file: string | null;
  /** The URL of the dead man's switch; null for none. */
  readonly ping: SecretText | null;
  /** How messages name the two settings: `LIVENESS_NOTIFY`. */
  readonly linesName: string;
  readonly fileName: string;
}

/** Variables by name, as `process.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>;

const MODULE = 'pm2-liveness';

/**
 * The monitor's settings from `pm2 set pm2-liveness:liveness_…`, and from `LIVENESS_…` in the environment,
 * which win. Never throws: a wrong setting is a problem and is ignored; for one of `pm2 set` the value in
 * `lastGood` is used, if there is one. Only this file reads process.env.
 */
export function loadMonitorConfig(
  env: Environment = process.env,
  lastGood: Readonly<Record<string, unknown>> = {},
): MonitorConfig {
  const { source, problems } = moduleSource(env[MODULE], lastGood);
  const ofModule = readSettings(source);
  const ofEnv = readSettings(environmentSource(env));
  const named = [ofEnv, ofModule] as const;
  const lines = named.find(({ notify }) => notify !== undefined) ?? ofEnv;
  const file = named.find(({ notifyFile }) => notifyFile !== undefined) ?? ofEnv;
  const { listener, problem } = listenerOf(named);
  return {
    listener,
    notify: {
      lines: lines.notify ?? null,
      file: file.notifyFile ?? null,
      ping: ofEnv.ping ?? ofModule.ping ?? null,
      linesName: lines.pathOf('notify'),
      fileName: file.pathOf('notify_file'),
    },
    overrides: { ...ofModule.overrides, ...ofEnv.overrides },
    log: ofEnv.log ?? ofModule.log ?? 'text',
    pm2Home: resolve(env['PM2_HOME'] || resolve(homeFolder(), '.pm2')),
    pmId: /^\d{1,9}$/.test(env['pm_id'] ?? '') ? Number(env['pm_id']) : null,
    name: env['name'] || null,
    searchPath: env['PATH'] || null,
    moduleSettings: env[MODULE] === undefined ? null : ofModule.inForce,
    problems: capProblems(
      [...problems, ...ofModule.problems, ...ofEnv.problems, ...problem],
      MODULE,
    ),
  };
}

/**
 * The first source that has the address, or the token, has the say. Where either is wrong nothing listens: what
 * was meant to be closed must not be open.
 */
function listenerOf(named: readonly ReadSettings[]): {
  readonly listener: ListenerSource;
  readonly problem: readonly Problem[];
} {
  const addressed = named.find(({ http }) => http !== undefined);
  const guarded = named.find(({ httpToken }) => httpToken !== undefined);
  const [address, token] = [addressed?.http ?? null, guarded?.httpToken ?? null];
  const bad = token === null ? null : tokenProblem(token.reveal());
  const off = { address: null, token: null };
  if (guarded !== undefined && bad !== null) {
    const nothing = address === null ? '' : '; nothing listens without it';
    const message = `${bad}${nothing}`;
    return { listener: off, problem: [{ path: guarded.pathOf('http_token'), message }] };
  }
  // A command has the token alone, to ask the monitor.
  if (addressed === undefined || address === null) {
    return { listener: { address: null, token }, problem: [] };
  }
  if (token !== null || isLoopback(address.host)) {
    return { listener: { address, token }, problem: [] };
  }
  const message = `got an address that other machines reach, without a token; set ${addressed.pathOf('http_token')} (at least ${SHORTEST_TOKEN} characters, as \`openssl rand -hex 16\` makes), or write the port alone`;
  return { listener: off, problem: [{ path: addressed.pathOf('http'), message }] };
}

/** The environment for a command of the monitor's own: without our settings, which have the URLs of channels. */
export function ownEnvironment(env: Environment = process.env): Readonly<Record<string, string>> {
  const entries = Object.entries(env).filter(
    (entry): entry is [string, string] =>
      entry[1] !== undefined && !/^(?:liveness_|pm2_env$|pm2-liveness$)/i.test(entry[0]),
  );
  return Object.fromEntries(entries);
}

/** The home for PM2's default folder; empty for a uid without an entry in the list of users. */
function homeFolder(): string {
  try {
    return homedir();
  } catch {
    return '/etc';
  }
}

/** The settings for colours in the environment. */
export function loadColourSettings(env: Environment = process.env): {
  noColor: boolean;
  forceColor: boolean;
} {
  const { NO_COLOR: no = '', FORCE_COLOR: force = '' } = env;
  return { noColor: no !== '', forceColor: force !== '' && force !== '0' };
}

/** `liveness_period` and others in the JSON that PM2 puts into a variable with the app's name. */
function moduleSource(
  json = '{}',
  lastGood: Readonly<Record<string, unknown>>,
): { source: RawSettings; problems: readonly Problem[] } {
  const settings = parseObject(json);
  const message = 'got no JSON object in this variable, which PM2 sets; its settings are ignored';
  return {
    source: {
      pathOf: (name) => `${MODULE}:liveness_${name}`,
      valueOf: (name) => settings?.[`liveness_${name}`],
      lastGoodOf: (name) => lastGood[name],
      names: namesAfter('liveness_', Object.keys(settings ?? {})),
      strays: Object.keys(settings ?? {})
        .filter((key) => !key.startsWith('liveness_'))
        .map((key) => `${MODULE}:${key}`),
      isOursAlone: true,
    },
    problems: settings === undefined ? [{ path: MODULE, message }] : [],
  };
}

/** `LIVENESS_PERIOD` and others. An empty one counts as not set, as in a shell's `${X:-}`. */
function environmentSource(env: Environment): RawSettings {
  return {
    pathOf: (name) => `LIVENESS_${name.toUpperCase()}`,
    valueOf: (name) => env[`LIVENESS_${name.toUpperCase()}`] || undefined,
    names: namesAfter('LIVENESS_', Object.keys(env)).map((name) => name.toLowerCase()),
    strays: [],
    isOursAlone: false,
  };
}

function namesAfter(prefix: string, keys: readonly string[]): readonly string[] {
  return keys.filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length));
}

function parseObject(json: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
