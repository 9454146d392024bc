import { isRecord } from '../storage/is-record.ts';
import type { StoredValueOptions } from '../storage/stored-value.ts';

/** Why the server counted as down, and the words the page has for it. */
export const FAILURES = {
  closed: 'Closed its connection',
  unreachable: 'Refused the connection',
  timeout: 'Did not answer in time',
  'wrong-answer': 'Gave a wrong answer',
} as const;

/** One of the ways in which a check can fail. */
export type Failure = keyof typeof FAILURES;

/** One check of the server: when it was asked (ms), how long that took, and `null` if all is well. */
export interface Sample {
  readonly askedAt: number;
  readonly tookMs: number;
  readonly failure: Failure | null;
}

/** How many recent samples are kept and shown. */
export const KEPT_SAMPLES = 48;

/** Adds a sample to the recent ones, oldest first, and drops what no longer fits. */
export function addSample(samples: readonly Sample[], sample: Sample): readonly Sample[] {
  return [...samples, sample].slice(-KEPT_SAMPLES);
}

/** The recent samples, kept over reloads so that the failed ones can still be seen afterwards. */
export const storedSamples: StoredValueOptions<readonly Sample[]> = {
  area: 'session',
  key: 'scratchpad.samples',
  initial: () => [],
  parse: (json) => (Array.isArray(json) && json.every(isSample) ? json : undefined),
};

/** Whether JSON names a failure we know. */
export function isFailure(json: unknown): json is Failure {
  return typeof json === 'string' && Object.hasOwn(FAILURES, json);
}

function isSample(json: unknown): json is Sample {
  if (!isRecord(json)) return false;
  const { askedAt, tookMs, failure } = json;
  return (
    Number.isFinite(askedAt) && Number.isFinite(tookMs) && (failure === null || isFailure(failure))
  );
}
