import { isOrdinary } from './ordinary.ts';
import { HIDDEN, Secrets, type Secret } from './secrets.ts';

const NAME =
  '[\\w.-]*(?:pass(?:word|wd|phrase)?|pwd|secret|token|key|auth\\w*|cred\\w*|cookie|bearer|basic)';
/** `--password abc`, `PGPASSWORD=abc`, `"token": "abc"`, `Authorization: Bearer abc`. */
const ASSIGNED = new RegExp(
  `(?:^|[^\\w-])(-{0,2}${NAME})["']?(?:\\s*[=:]\\s*|\\s+)["']?((?:Bearer |Basic )?[^\\s"'&;|]{3,})`,
  'gi',
);
const LOGIN = /:\/\/([^/?#\s"']{0,500})@/g;
const QUERY = /\?([^#\s"']{1,4000})/g;
/** Options whose next word is a secret. */
const SECRET_OPTION = new RegExp(`^-{1,2}${NAME}$|^--(?:user|header|cookie|cert)$`, 'i');
/** Such options of curl, mysql and redis-cli; in other programs they are a port or a user. */
const SHORT_OPTION = /^-[auHp]$/;
const LONGEST = 4_096;
const FILE =
  /^(?:[~.]{0,2}(?:\/[\w@.+ -]+)+\/?|[\w@+-]+\.(?:[cm]?[jt]s|py|rb|sh|php|pl|json|ya?ml|toml|conf|ini|sock|jar|sql))$/;
/** Capitals and digits in a name with dots are usually those of a token. */
const ADDRESS = /^[a-z][a-z-]*(?:\.[a-z-]+)*(?::\d{1,5})?$|^[\d.]+(?::\d{1,5})?$/;

/** The parts of a command's written words that may be secrets. The first word is an argument. */
export function argumentSecrets(words: readonly string[]): Secret[] {
  return words.flatMap((word, index) => {
    const before = index === 0 ? '' : (words[index - 1] ?? '');
    const isSecret =
      SECRET_OPTION.test(before) || (SHORT_OPTION.test(before) && !/^\d{1,5}$/.test(word));
    return isSecret && word.length >= 3 ? [hide(word), ...wordSecrets(word)] : wordSecrets(word);
  });
}

/** The values of logins, queries and assignments in a text, each with its replacement. */
export function loginsIn(whole: string, shown = HIDDEN): Secret[] {
  // The expressions below take more than linear time on hostile texts.
  const text = whole.slice(0, LONGEST);
  const found: string[] = [];
  for (const [, login = ''] of text.matchAll(LOGIN)) {
    found.push(login, login.replace(/^[^:]*:/, ''));
  }
  for (const [, query = ''] of text.matchAll(QUERY)) found.push(...queryValues(query));
  for (const [, , value = ''] of text.matchAll(ASSIGNED)) {
    found.push(value, value.replace(/^(?:Bearer|Basic) /i, ''));
  }
  return found.filter((value) => value.length >= 3).map((value) => ({ value, shown }));
}

/** A command line without its logins and passwords, as far as they can be recognized. */
export function hideLogins(command: string): string {
  const words = command.split(' ');
  const told = words.filter((_, index) => SECRET_OPTION.test(words[index - 1] ?? '')).map(hide);
  const found = [...loginsIn(command), ...told].filter(({ value }) => value.length >= 3);
  return new Secrets(found).mask(command);
}

/** The same of a command that an app runs, which may have a secret in any argument: hides too much rather than too little. */
export function hideArguments(command: string): string {
  const words = command.slice(0, LONGEST).split(' ').slice(1);
  return new Secrets(argumentSecrets(words)).mask(hideLogins(command));
}

/** The values in the query of a URL, as written; a part without a name is one too. */
export function queryValues(query: string): string[] {
  return query.split('&').flatMap((part) => {
    const [, name, value] = /^([^=]*)=(.+)$/s.exec(part) ?? [];
    if (name === undefined || value === undefined) return isOrdinary(part) ? [] : [part];
    const isNamed = SECRET_OPTION.test(`-${name}`);
    return isNamed || !isOrdinary(value) ? [value] : [];
  });
}

function wordSecrets(word: string): Secret[] {
  const inner = loginsIn(word);
  if (word.includes('://') || FILE.test(word) || ADDRESS.test(word)) return inner;
  const [, glued] = /^-[A-Za-z](.{4,})$/s.exec(word) ?? [];
  const [, value] = /^[^=\s]*=(.{3,})$/s.exec(word) ?? [];
  const [, password] = /^[^:\s]+:([^:\s]{3,})$/.exec(word) ?? [];
  const isOption = word.startsWith('-');
  const parts = isOption
    ? [value ?? (word.startsWith('--') ? undefined : glued)]
    : [word, value, password];
  const telling = parts.filter((part) => part !== undefined && !isOrdinary(part));
  return [...inner, ...telling.map((part) => hide(part ?? ''))].filter(
    (each) => each.value.length >= 3,
  );
}

function hide(value: string): Secret {
  return { value, shown: HIDDEN };
}
