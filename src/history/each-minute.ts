import type { Clock } from '../time/clock.ts';

const MINUTE_MS = 60_000;

/** How often the targets are counted in the first minute. */
const LOOK_MS = 1_000;

/** When to work: `count` is how many targets there are. */
interface EachMinuteDeps {
  readonly clock: Clock;
  readonly count: () => number;
  /** Ends it. */
  readonly signal: AbortSignal;
}

/**
 * Calls `work` just after each minute of the wall clock has ended, and in the first minute also soon after targets
 * have come: until their files are read, nothing of their history is shown. Resolves when the signal aborts, and
 * rejects as `work` does.
 */
export async function eachMinute(
  { clock, count, signal }: EachMinuteDeps,
  work: () => Promise<void>,
): Promise<void> {
  const firstUntil = clock.now() + MINUTE_MS;
  let known = 0;
  while (!signal.aborted) {
    const dueAt = clock.now() + MINUTE_MS - (clock.wall() % MINUTE_MS) + 20;
    const lookUntil = Math.min(dueAt, firstUntil) - LOOK_MS;
    while (!signal.aborted && count() === known && clock.now() < lookUntil) {
      await clock.sleep(LOOK_MS, signal);
    }
    if (clock.now() >= lookUntil) await clock.sleep(dueAt - clock.now(), signal);
    if (signal.aborted) return;
    known = count();
    await work();
  }
}
