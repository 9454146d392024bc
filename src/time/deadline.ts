import { systemClock, type Clock } from './clock.ts';

/** The value of a promise, or `late` where it takes longer than `ms`. Rejects as the promise does. */
export function withTimeout<Value, Late>(
  promise: Promise<Value>,
  ms: number,
  late: Late,
  clock: Clock = systemClock,
): Promise<Value | Late> {
  return race(promise, (signal) => clock.sleep(ms, signal), late);
}

/**
 * The same for an answer that may already be there, such as that of a disk: after a lag of ours a timer fires
 * before the answer is read, so the wait has two steps.
 */
export function withPatientTimeout<Value, Late>(
  promise: Promise<Value>,
  ms: number,
  late: Late,
  clock: Clock,
): Promise<Value | Late> {
  const half = (signal: AbortSignal): Promise<void> => clock.sleep(ms / 2, signal);
  return race(promise, (signal) => half(signal).then(() => half(signal)), late);
}

const LATE = Symbol('late');

/** The value of a promise. Rejects with `error` where it takes longer than `ms`, and as the promise does. */
export async function withDeadline<Value>(
  promise: Promise<Value>,
  ms: number,
  error: () => Error,
  clock: Clock = systemClock,
): Promise<Value> {
  const first = await withTimeout(promise, ms, LATE, clock);
  if (first === LATE) throw error();
  return first;
}

/** Clears its timer. */
async function race<Value, Late>(
  promise: Promise<Value>,
  sleep: (signal: AbortSignal) => Promise<void>,
  late: Late,
): Promise<Value | Late> {
  const answered = new AbortController();
  try {
    return await Promise.race([promise, sleep(answered.signal).then(() => late)]);
  } finally {
    answered.abort();
  }
}
