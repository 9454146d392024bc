import { badValue } from '../bad-value.ts';

const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};
const DURATION = /^(\d{1,15}(?:\.\d{1,15})?)(ms|s|m|h|d)$/;
const WITH_UNIT = "write a number with a unit (ms, s, m, h or d), like '5s'";
const BARE_NUMBER = /^\d{1,15}(?:\.\d{1,15})?$/;

/** Inclusive limits of a duration, in milliseconds. */
export interface DurationBounds {
  /** 1 when not given; 0 allows `'0s'`. */
  readonly minMs?: number;
  /** Seven days when not given. */
  readonly maxMs?: number;
}

/**
 * The milliseconds of a duration with a unit: `'250ms'`, `'5s'`, `'1.5s'`, `'10m'`, `'2h'`, `'7d'`. Throws
 * ERR_CONFIG for anything else, also for a bare number, which could be seconds or milliseconds.
 */
export function parseDuration(input: unknown, bounds: DurationBounds = {}): number {
  const { minMs = 1, maxMs = 7 * 86_400_000 } = bounds;
  const [, count, unit] = (typeof input === 'string' ? DURATION.exec(input) : null) ?? [];
  const unitMs = UNIT_MS[unit ?? ''];
  if (count === undefined || unitMs === undefined) throw badValue(input, WITH_UNIT, advise(input));
  const ms = Math.round(Number(count) * unitMs);
  if (ms < minMs) throw badValue(input, `write at least '${formatDuration(minMs)}'`);
  if (ms > maxMs) throw badValue(input, `write at most '${formatDuration(maxMs)}'`);
  return ms;
}

/** The shortest exact text that `parseDuration` reads back: 90000 is `'90s'`, 120000 is `'2m'`. */
export function formatDuration(ms: number): string {
  const units = Object.entries(UNIT_MS).toReversed();
  const [unit, unitMs] = units.find(([, size]) => ms >= size && ms % size === 0) ?? ['ms', 1];
  return `${ms / unitMs}${unit}`;
}

function advise(input: unknown): string {
  const text = typeof input === 'number' ? String(input) : input;
  return typeof text === 'string' && BARE_NUMBER.test(text)
    ? `write '${text}s' or '${text}ms'`
    : WITH_UNIT;
}
