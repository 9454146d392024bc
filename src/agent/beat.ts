import type { LoopDelay } from './shapes.ts';

/** How often the main thread beats. */
export const BEAT_MS = 250;

/** About a minute of delays. */
const DELAYS = 256;

/** Two numbers before the delays: when the last beat was, and how many there were. */
const HEAD = 2;

/** The bytes that both threads share. */
export const BEAT_BYTES = (HEAD + DELAYS) * Float64Array.BYTES_PER_ELEMENT;

/** Writes a beat that was due at `dueAt`; both are milliseconds of one clock. Allocates nothing. */
export function writeBeat(shared: Float64Array, now: number, dueAt: number): void {
  const count = shared[1] ?? 0;
  shared[HEAD + (count % DELAYS)] = Math.max(0, now - dueAt);
  shared[0] = now;
  shared[1] = count + 1;
}

/** How long ago the last beat was, in milliseconds. */
export function silenceOf(shared: Float64Array, now: number): number {
  return Math.max(0, now - (shared[0] ?? now));
}

/** How late the beats of the last minute were, and how late the next one is now; null before the first one. */
export function delayOf(shared: Float64Array, now: number): LoopDelay | null {
  const known = Math.min(shared[1] ?? 0, DELAYS);
  if (known === 0) return null;
  const overdue = silenceOf(shared, now) - BEAT_MS;
  const delays = new Float64Array(known + 1);
  delays.set(shared.subarray(HEAD, HEAD + known));
  // A loop that is blocked for the first time has no late beat yet.
  delays[known] = Math.max(0, overdue);
  const sorted = (overdue > 0 ? delays : delays.subarray(0, known)).sort();
  const count = sorted.length;
  const at = (part: number): number =>
    round(sorted[Math.min(count - 1, Math.floor(count * part))] ?? 0);
  return { p50Ms: at(0.5), p99Ms: at(0.99), maxMs: at(1) };
}

function round(ms: number): number {
  return Math.round(ms * 10) / 10;
}
