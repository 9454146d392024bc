import type { ActionMode } from '../../verdict/policy.ts';
import { badValue, oneOf } from '../bad-value.ts';
import { parseDuration } from './durations.ts';

/** The settings that are one plain value; durations in milliseconds. */
export interface Scalars {
  readonly period: number;
  readonly fastPeriod: number;
  readonly startupPeriod: number;
  readonly startupTimeout: number;
  readonly timeout: number;
  readonly failureThreshold: number;
  readonly successThreshold: number;
  readonly busyGrace: number;
  readonly action: ActionMode;
}

/** The words of `action`. */
export const actionModes = [
  'restart',
  'reload',
  'observe',
] as const satisfies readonly ActionMode[];

/** The readers of `Scalars`, shared by blocks, `pm2 set` and the environment; they throw ERR_CONFIG. */
export const scalars: { readonly [Key in keyof Scalars]: (input: unknown) => Scalars[Key] } = {
  period: parsePeriod,
  fastPeriod: parsePeriod,
  startupPeriod: parsePeriod,
  startupTimeout: (input) => parseDuration(input, { minMs: 50 }),
  timeout: (input) => parseDuration(input, { minMs: 10, maxMs: 600_000 }),
  failureThreshold: (input) => parseWhole(input, 1, 100),
  successThreshold: (input) => parseWhole(input, 1, 100),
  busyGrace: (input) => parseDuration(input, { minMs: 0 }),
  action: (input) => parseChoice(input, actionModes),
};

/** The time between two probes: faster than every 50 ms is load, not supervision. */
function parsePeriod(input: unknown): number {
  return parseDuration(input, { minMs: 50 });
}

/** A whole number within inclusive limits. */
export function parseWhole(input: unknown, min: number, max: number): number {
  if (typeof input === 'number' && Number.isInteger(input) && input >= min && input <= max) {
    return input;
  }
  const isQuoted = typeof input === 'string' && /^\d{1,9}$/.test(input);
  const want = `write a whole number from ${min} to ${max}`;
  const advice = isQuoted ? `write the number ${Number(input)}, without quotes` : want;
  throw badValue(input, want, advice);
}

/** One of a few words. */
export function parseChoice<Word extends string>(input: unknown, words: readonly Word[]): Word {
  const found = words.find((word) => word === input);
  if (found === undefined) throw badValue(input, `write ${oneOf(words.map((w) => `'${w}'`))}`);
  return found;
}

/** True or false, not the words for them. */
export function parseFlag(input: unknown): boolean {
  if (typeof input === 'boolean') return input;
  const isQuoted = input === 'true' || input === 'false';
  const want = 'write true or false';
  throw badValue(input, want, isQuoted ? `write ${input}, without quotes` : want);
}

/** The same reader for places that have texts only, where a number comes as its digits. */
export function fromText(parse: (input: unknown) => number): (input: unknown) => number {
  return (input) =>
    parse(typeof input === 'string' && /^-?\d{1,9}$/.test(input) ? Number(input) : input);
}
