import { dropUndefined } from '../../config/drop-undefined.ts';
import { maskOf } from '../../config/secrets/secrets.ts';
import type { TargetConfig } from '../../config/target-config.ts';
import type { Probe, Sample } from '../../probe/probe.ts';
import type { RunAs } from '../../probe/exec/run-as.ts';
import { createProbe } from '../../probe/registry.ts';
import { runProbe } from '../../probe/runner.ts';
import { viteQuestionsOf } from '../../probe/vite/vite.ts';
import { systemClock as clock } from '../../time/clock.ts';

/** The options of one check. */
interface AskOptions {
  /** The deadline of each question; null: the block's own. */
  readonly timeoutMs: number | null;
  readonly signal: AbortSignal;
  /** The user as whom a command runs; absent where there is no app. Never rejects. */
  readonly runAs?: () => Promise<RunAs>;
}

/**
 * Runs the probe of a block once. A Vite dev server gets its ping and, where that is good, the deep check of
 * the page with its modules; the time is that of both.
 */
export async function askOnce(
  { probe: options, schedule, secrets }: TargetConfig,
  { timeoutMs, signal, runAs }: AskOptions,
): Promise<Sample> {
  const ask = (probe: Probe, usualMs: number): Promise<Sample> =>
    runProbe(probe, {
      now: () => clock.now(),
      timeoutMs: timeoutMs ?? usualMs,
      signal,
      ...dropUndefined({ mask: maskOf(secrets) }),
    });
  if (options.type !== 'vite') {
    const probe = createProbe(options, runAs ? { runAs } : {});
    const sample = await ask(probe, schedule.timeoutMs);
    probe.stop();
    return sample;
  }
  const { ping, deep } = viteQuestionsOf(options);
  const first = await ask(ping, schedule.timeoutMs);
  if (first.kind !== 'ok') return first;
  const second = await ask(deep, options.deepTimeoutMs);
  return { ...first, ...second, at: first.at, durationMs: first.durationMs + second.durationMs };
}
