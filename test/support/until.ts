import { setTimeout as sleep } from 'node:timers/promises';

/** Waits for a condition with a deadline; the error says what was waited for and what was last seen. */
export async function until<T>(
  what: string,
  look: () => Promise<T | null | undefined | false> | T | null | undefined | false,
  { withinMs = 20_000, everyMs = 50 }: { withinMs?: number; everyMs?: number } = {},
): Promise<T> {
  const deadline = performance.now() + withinMs;
  let last: unknown;
  do {
    try {
      const seen = await look();
      if (seen !== null && seen !== undefined && seen !== false) return seen;
      last = seen;
    } catch (error) {
      last = error;
    }
    await sleep(everyMs);
  } while (performance.now() < deadline);
  throw new Error(`not within ${withinMs} ms: ${what} (last seen: ${String(last)})`);
}

/** Checks again and again that something stays true; throws the first time it is not. */
export async function holds(
  what: string,
  forMs: number,
  look: () => Promise<boolean> | boolean,
): Promise<void> {
  const deadline = performance.now() + forMs;
  while (performance.now() < deadline) {
    if (!(await look())) throw new Error(`did not hold for ${forMs} ms: ${what}`);
    await sleep(200);
  }
}
