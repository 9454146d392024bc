import type { Clock } from './clock.ts';

/** What a promise gives, or `otherwise` where it takes longer than `ms`. Rejects as the promise does. */
export async function within<Value>(
  promise: Promise<Value>,
  ms: number,
  otherwise: Value,
  clock: Clock,
): Promise<Value> {
  const answered = new AbortController();
  const late = clock.sleep(ms, answered.signal).then(() => otherwise);
  try {
    return await Promise.race([promise, late]);
  } finally {
    answered.abort();
  }
}
