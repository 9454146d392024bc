import { LivenessError } from '../errors.ts';
import { escapeUnprintable } from '../text/sanitize.ts';

const SHOWN_LENGTH = 60;

/** The error of one wrong value. The value may be shown where its author wrote it. */
export class BadValueError extends LivenessError {
  /** What to write instead, without any part of the value. */
  readonly want: string;

  constructor(message: string, want: string) {
    super('ERR_CONFIG', message);
    this.want = want;
  }
}

/**
 * The error of one wrong value: what was got, and what to write (`want`). `advice` may have parts of the
 * value; it is shown only where the value does not come from a variable.
 */
export function badValue(got: unknown, want: string, advice = want): BadValueError {
  const message = got === undefined ? `missing; ${advice}` : `got ${show(got)}; ${advice}`;
  return new BadValueError(message, want);
}

/** The error of one wrong value that must not be printed, because it may be a secret. */
export function badSetting(message: string): LivenessError {
  return new LivenessError('ERR_CONFIG', message);
}

/** A value as messages show it: one line, strings quoted and cut after 60 characters, no login. */
export function show(value: unknown): string {
  if (typeof value === 'string') return `'${escapeUnprintable(hideLogin(value), SHOWN_LENGTH)}'`;
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return value.length === 0 ? '[]' : 'a list';
  if (isRecord(value)) return Object.keys(value).length === 0 ? '{}' : 'an object';
  const isPlain = value === null || typeof value === 'number' || typeof value === 'boolean';
  return isPlain ? String(value) : `a ${typeof value}`;
}

/** Hides the login in `postgres://user:password@host` or `user:password@host:80`. */
function hideLogin(text: string): string {
  const slashes = text.indexOf('//');
  const begin = slashes < 0 ? 0 : slashes + 2;
  const end = text.lastIndexOf('@');
  return end > begin ? `${text.slice(0, begin)}…${text.slice(end)}` : text;
}

/** `a, b or c`. */
export function oneOf(words: readonly string[]): string {
  const last = words.at(-1) ?? '';
  return words.length < 2 ? last : `${words.slice(0, -1).join(', ')} or ${last}`;
}

/** True for an object with keys, not for null or a list. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
