import { LivenessError, messageOf } from '../errors.ts';
import { loopbackOf, parseHost, parsePort } from './schema/address.ts';
import { urlHost } from '../text/url-host.ts';
import { badValue } from './bad-value.ts';
import { fromText, scalars } from './schema/scalars.ts';
import { blockDefaults } from './schema/schema.ts';

/**
 * The settings of this repository's ecosystem file, in the environment or in `.env`. Only that file uses
 * them, from the build: they are not part of the package's API.
 */
interface LaunchEnv {
  readonly appName: string;
  /** Relative to the folder of the ecosystem file, or absolute. */
  readonly appDir: string;
  readonly host: string;
  readonly port: number;
  /** The URL of the app on this machine: `http://127.0.0.1:5173/`. */
  readonly url: string;
  /** Values for the app's `env_liveness` block, as text. */
  readonly health: {
    readonly period: string;
    readonly timeout: string;
    readonly failureThreshold: number;
  };
}

/** The variables that `readLaunchEnv` reads, with their defaults. */
export const launchDefaults = {
  APP_NAME: 'web',
  APP_DIR: 'example/react-app',
  APP_HOST: '127.0.0.1',
  APP_PORT: '5173',
  HEALTH_PERIOD: blockDefaults.period,
  HEALTH_TIMEOUT: blockDefaults.timeout,
  HEALTH_FAILURE_THRESHOLD: String(blockDefaults.failureThreshold),
} as const;

const APP_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
/** Names that PM2's commands read as something else: a file, an id, every app, the monitor. */
const TAKEN_NAME = /\.json|\.ya?ml|\.config\.[cm]?js|^\d+$|^all$|^pm2-liveness$/;

const parsers = {
  APP_NAME: parseAppName,
  APP_DIR: (text: string) => text,
  APP_HOST: parseHost,
  APP_PORT: parsePort,
  HEALTH_PERIOD: scalars.period,
  HEALTH_TIMEOUT: scalars.timeout,
  HEALTH_FAILURE_THRESHOLD: fromText(scalars.failureThreshold),
} satisfies Record<keyof typeof launchDefaults, (text: string) => unknown>;

// `as`: Object.keys loses the type of the keys.
const launchNames = Object.keys(parsers) as (keyof typeof parsers)[];

/**
 * The launch settings in `env`. A missing or empty variable has its default. Throws one ERR_CONFIG that names
 * every bad variable, what was got and what to write.
 */
export function readLaunchEnv(env: Readonly<Record<string, string | undefined>>): LaunchEnv {
  const text = (name: keyof typeof parsers): string => env[name] || launchDefaults[name];
  rejectBad(text);
  const host = parsers.APP_HOST(text('APP_HOST'));
  const port = parsers.APP_PORT(text('APP_PORT'));
  return {
    appName: text('APP_NAME'),
    appDir: text('APP_DIR'),
    host,
    port,
    url: `http://${urlHost(loopbackOf(host) ?? host)}:${port}/`,
    health: {
      period: text('HEALTH_PERIOD'),
      timeout: text('HEALTH_TIMEOUT'),
      failureThreshold: parsers.HEALTH_FAILURE_THRESHOLD(text('HEALTH_FAILURE_THRESHOLD')),
    },
  };
}

function rejectBad(text: (name: keyof typeof parsers) => string): void {
  const problems: string[] = [];
  const check = (name: keyof typeof parsers): void => {
    try {
      parsers[name](text(name));
    } catch (error) {
      problems.push(`\n  ${name}: ${messageOf(error)}`);
    }
  };
  launchNames.forEach(check);
  if (problems.length === 0) return;
  const count = problems.length === 1 ? 'one setting' : `${problems.length} settings`;
  const headline = `${count} in the environment or in .env cannot be used:`;
  throw new LivenessError('ERR_CONFIG', headline + problems.join(''));
}

function parseAppName(text: string): string {
  if (!APP_NAME.test(text)) {
    throw badValue(text, 'write letters, digits, dots, hyphens and underscores, at most 64');
  }
  if (TAKEN_NAME.test(text)) {
    throw badValue(text, "PM2's commands would take it for something else; write another name");
  }
  return text;
}
