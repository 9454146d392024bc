import { isRecord } from '../bad-value.ts';
import type { AppEnv } from '../interpolate.ts';
import type { Secret } from './secrets.ts';
import { argumentSecrets, loginsIn } from './word-secrets.ts';

const SECRET_NAME =
  /pass(?:word|wd|phrase|code)?|(?:^|_)pw(?:d)?$|_pw[d]?_|secret|token|key|auth|cred|salt|signature|cookie|session|dsn|webhook|private|database_url|conn(?:ection)?_?str/i;
/** They end in what a secret's name ends in, and hold a folder. */
const NO_SECRET_NAME = /^(?:OLD)?PWD$|^(?:pm|axm|npm)_/;
/** Variables of a user's own; PM2's are in small letters. */
const OWN_NAME = /^[A-Z][A-Z0-9_]*$/;
/** What PM2 keeps of an app beside its variables, under names that might be a secret's. */
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
 * The variables of an app whose values its own words must not bring into a log or a journal: those
 * that are called like a secret, that hold a login, and whose value looks made by a machine. Names
 * and values of what PM2 itself puts there are no secrets.
 */
export function envSecrets(env: AppEnv): Secret[] {
  const inner = isRecord(env['env']) ? env['env'] : {};
  // Usually PM2 keeps each variable in both places.
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

/** Whether a variable, a header or an option is called as one that holds a secret. */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name) && !NO_SECRET_NAME.test(name);
}

/** One word of letters and digits together; no path, version, date or address. */
function isMachineMade(value: string): boolean {
  if (value.length < LEAST_MADE || /[\s/\\]/.test(value)) return false;
  return /[A-Za-z]/.test(value) && /\d/.test(value) && !/^v?\d+(?:[.:-]\d+)+/.test(value);
}
