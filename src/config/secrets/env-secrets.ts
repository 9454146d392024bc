import { isRecord } from '../bad-value.ts';
import type { AppEnv } from '../interpolate.ts';
import type { Secret } from './secrets.ts';
import { argumentSecrets, loginsIn } from './word-secrets.ts';

const SECRET_NAME =
  /pass(?:word|wd|phrase|code)?|(?:^|_)pw(?:d)?$|_pw[d]?_|secret|token|key|auth|cred|salt|signature|cookie|session|dsn|webhook|private|database_url|conn(?:ection)?_?str/i;
/** Names that end like the name of a secret, but are none. */
const NO_SECRET_NAME = /^(?:OLD)?PWD$|^(?:pm|axm|npm)_/;
/** Variables of a user's own; PM2's are in small letters. */
const OWN_NAME = /^[A-Z][A-Z0-9_]*$/;
/** PM2's own fields of an app, under names that look like variables. */
const PM2_TEXTS: ReadonlySet<string> = new Set([
  'name',
  'namespace',
  'exec_interpreter',
  'username',
]);
const LEAST = 6;
const LEAST_MADE = 8;
const LONGEST = 64 * 1024;

/**
 * The variables of an app whose values must not come into a log or the journal through the app's own output:
 * those with the name of a secret, with a login, or with a value that looks made by a machine. PM2's own
 * variables are no secrets.
 */
export function envSecrets(env: AppEnv): Secret[] {
  const inner = isRecord(env['env']) ? env['env'] : {};
  // Usually PM2 has each variable in both places.
  const others = Object.entries(inner).filter(([name, value]) => env[name] !== value);
  const args = Array.isArray(env['args']) ? env['args'].map(String) : [];
  const named = [...Object.entries(env), ...others].flatMap(([name, value]) => {
    if (typeof value !== 'string' || value.length < LEAST || value.length > LONGEST) return [];
    if (NO_SECRET_NAME.test(name) || PM2_TEXTS.has(name)) return [];
    const shown = `\${${name}}`;
    if (isSecretName(name) || (OWN_NAME.test(name) && isMachineMade(value))) {
      return [{ value, shown }, ...loginsIn(value, shown)];
    }
    const logins = value.includes('=') || value.includes('@') ? loginsIn(value, shown) : [];
    return logins.length === 0 ? [] : [{ value, shown }, ...logins];
  });
  return [...named, ...argumentSecrets(args)];
}

/** True for the name of a variable, header or option that usually has a secret. */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name) && !NO_SECRET_NAME.test(name);
}

/** One word of letters and digits together; no path, version, date or address. */
function isMachineMade(value: string): boolean {
  if (value.length < LEAST_MADE || /[\s/\\]/.test(value)) return false;
  return /[A-Za-z]/.test(value) && /\d/.test(value) && !/^v?\d+(?:[.:-]\d+)+/.test(value);
}
