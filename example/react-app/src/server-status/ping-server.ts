import { wallNow } from '../time/wall-clock.ts';
import type { Failure, Sample } from './sample.ts';

/** How long the server may take to answer; a frozen one accepts and then says nothing. */
export const PING_TIMEOUT_MS = 2000;

/** Asks the dev server once. `undefined` is no sample at all: cancelled, or the computer slept. */
export async function pingServer(cancel: AbortSignal): Promise<Sample | undefined> {
  const askedAt = wallNow();
  const timeout = AbortSignal.timeout(PING_TIMEOUT_MS);
  const failure = await ask(AbortSignal.any([cancel, timeout]));
  const tookMs = wallNow() - askedAt;

  if (cancel.aborted || tookMs > 2 * PING_TIMEOUT_MS) return undefined;
  return { askedAt, tookMs, failure: timeout.aborted && failure !== null ? 'timeout' : failure };
}

// Vite answers this Accept header with 204 and nothing else; any other server would not.
async function ask(signal: AbortSignal): Promise<Failure | null> {
  try {
    const response = await fetch(import.meta.env.BASE_URL, {
      headers: { Accept: 'text/x-vite-ping' },
      cache: 'no-store',
      signal,
    });
    void response.body?.cancel();
    return response.status === 204 ? null : 'wrong-answer';
  } catch {
    return 'unreachable';
  }
}
