/** The length of a bucket, as `/api/history?step=` has it. */
export type HistoryStep = '1m' | '15m' | '1h';

/** One series of an app: buckets of one length, as many as are kept. */
export interface Level {
  readonly step: HistoryStep;
  /** The length of a bucket in milliseconds. */
  readonly ms: number;
  readonly capacity: number;
}

const MINUTE_MS = 60_000;

/** The minutes of 3 hours, the quarter hours of 2 days, the hours of 90 days (DESIGN §16). */
export const LEVELS = [
  { step: '1m', ms: MINUTE_MS, capacity: 180 },
  { step: '15m', ms: 15 * MINUTE_MS, capacity: 192 },
  { step: '1h', ms: 60 * MINUTE_MS, capacity: 2_160 },
] as const satisfies readonly Level[];

/** How far back any series goes: 90 days. */
export const LONGEST_HISTORY_MS = LEVELS[2].ms * LEVELS[2].capacity;

/** The series with buckets of this length. */
export function levelOf(step: HistoryStep): Level {
  return LEVELS.find((level) => level.step === step) ?? LEVELS[2];
}

/** The finest series that goes back this far. */
export function levelFor(spanMs: number): Level {
  return LEVELS.find(({ ms, capacity }) => ms * capacity >= spanMs) ?? LEVELS[2];
}
