import { LivenessError } from '../errors.ts';

const SHOWN_LENGTH = 60;
/** Control, format and lone surrogate characters: they would forge log lines or hide text. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu;

/** The error of one wrong value: what was got, and `want`, which says what to write. */
export function badValue(got: unknown, want: string): LivenessError {
  return badSetting(got === undefined ? `missing; ${want}` : `got ${show(got)}; ${want}`);
}

/** The error of one wrong value that must not be printed, for it may hold a secret. */
export function badSetting(message: string): LivenessError {
  return new LivenessError('ERR_CONFIG', message);
}

/** A value as messages show it: one line, strings quoted and cut after 60 characters, no login. */
export function show(value: unknown): string {
  if (typeof value === 'string') return `'${printable(withoutLogin(value), SHOWN_LENGTH)}'`;
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return value.length === 0 ? '[]' : 'a list';
  if (isRecord(value)) return Object.keys(value).length === 0 ? '{}' : 'an object';
  const isPlain = value === null || typeof value === 'number' || typeof value === 'boolean';
  return isPlain ? String(value) : `a ${typeof value}`;
}

/** What stands before the host in `postgres://user:password@host` is nobody's business. */
function withoutLogin(text: string): string {
  const begin = text.indexOf('//') + 2;
  const end = text.lastIndexOf('@');
  return begin >= 2 && end > begin ? `${text.slice(0, begin)}…${text.slice(end)}` : text;
}

/** A text on one line, with unprintable characters escaped, cut after `length` characters. */
export function printable(text: string, length: number): string {
  const cut = text.length > length ? `${text.slice(0, length)}…` : text;
  return cut.replace(UNPRINTABLE, (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`);
}

/** `a, b or c`. */
export function oneOf(words: readonly string[]): string {
  const last = words.at(-1) ?? '';
  return words.length < 2 ? last : `${words.slice(0, -1).join(', ')} or ${last}`;
}

/** Whether a value is an object with keys: neither null nor a list. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
