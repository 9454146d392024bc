import type { Policy } from './policy.ts';

/** The first delay, before jitter. It doubles with every restart until the app stays healthy. */
export const BACKOFF_BASE_MS = 2_000;

/** How long an app must stay healthy before its backoff and cooldown start again. */
export const HEALTHY_RESET_MS = 600_000;

/** The state of the exponential backoff; `notBefore` is the earliest time of the next restart. */
export interface Backoff {
  readonly restarts: number;
  readonly delayMs: number;
  readonly notBefore: number;
  readonly seed: number;
}

/** A backoff that lets the first restart through at once. */
export function freshBackoff(seed: number): Backoff {
  return { restarts: 0, delayMs: 0, notBefore: Number.NEGATIVE_INFINITY, seed };
}

/**
 * The backoff after a restart at `at`: U(½,1)·min(maxBackoff, 2 s·2ⁿ), counted from the restart itself,
 * so that an app which ran well for longer than the delay is restarted at once. A draw below the last
 * delay keeps the last delay: delays do not shrink until the reset.
 */
export function nextBackoff(backoff: Backoff, at: number, rules: Policy['restarts']): Backoff {
  const ceiling = Math.min(rules.maxBackoffMs, BACKOFF_BASE_MS * 2 ** backoff.restarts);
  const { value, seed } = draw(backoff.seed);
  const delayMs = Math.max(backoff.delayMs, ceiling * (0.5 + value / 2));
  return { restarts: backoff.restarts + 1, delayMs, notBefore: at + delayMs, seed };
}

/**
 * Draws a number in [0, 1), and gives the seed of the next draw (mulberry32, so that a trace can be
 * replayed).
 */
export function draw(seed: number): { readonly value: number; readonly seed: number } {
  const next = (seed + 0x6d2b79f5) | 0;
  let mixed = Math.imul(next ^ (next >>> 15), 1 | next);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return { value: ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296, seed: next };
}
