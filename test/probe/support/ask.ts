import { createProbe } from '../../../src/probe/registry.ts';
import { runProbe } from '../../../src/probe/runner.ts';
import type { HttpOptions, Outcome, ProbeOptions, Sample } from '../../../src/probe/probe.ts';

/** Monotonic milliseconds, as the monitor has them. */
export const now = (): number => performance.now();

/** Runs a probe of these options once. */
export async function ask(options: ProbeOptions, timeoutMs = 2000): Promise<Sample> {
  const probe = createProbe(options);
  try {
    return await runProbe(probe, { now, timeoutMs });
  } finally {
    probe.stop();
  }
}

/** Options of an http probe with the defaults of the schema. */
export function http(url: string, more: Partial<HttpOptions> = {}): HttpOptions {
  return { type: 'http', url, method: 'GET', headers: {}, status: [[200, 399]], ...more };
}

/** `ok`, `fail timeout`, `unknown dns`: an outcome as one word or two. */
export function verdictOf(outcome: Outcome): string {
  if (outcome.kind === 'ok') return 'ok';
  return outcome.kind === 'fail' ? `fail ${outcome.class}` : `unknown ${outcome.cause}`;
}

/** Resolves once `isTrue` holds; throws after `withinMs`. */
export async function until(
  isTrue: () => boolean | Promise<boolean>,
  what: string,
  withinMs = 5000,
): Promise<void> {
  const deadline = now() + withinMs;
  while (!(await isTrue())) {
    if (now() > deadline) throw new Error(`not within ${withinMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
