import type { TargetConfig } from '../config/target-config.ts';
import type { Sample } from '../probe/probe.ts';
import { asElsewhere, asOther } from './port-holder-meaning.ts';
import type { Observation } from '../target/observation.ts';
import { PortWatch, type PortWatchDeps } from './port-watch.ts';

/** One answer in the light of who gave it. */
export interface Witnessed {
  readonly sample: Sample;
  /** What a person is to know of who answered; null is nothing. */
  readonly note: string | null;
}

/** Asks, at these addresses alone where some are given. */
export type Ask = (only?: readonly string[]) => Promise<Sample>;

/**
 * Asks an app once, for who keeps nothing of it: where somebody else answers in its place the sample
 * says so, and where it has another address of its name it is asked there.
 */
export async function askApp(
  app: Observation,
  config: TargetConfig,
  ports: PortWatchDeps,
  ask: Ask,
): Promise<Witnessed> {
  const watch = new PortWatch(ports);
  let sample = await ask();
  if (sample.kind === 'unknown') return { sample, note: null };
  let { holder, isOwn } = await watch.look(app, config, sample);
  if (!isOwn) {
    sample = await ask(watch.only);
    if (sample.kind === 'unknown') return { sample, note: watch.note };
    ({ holder, isOwn } = await watch.look(app, config, sample));
  }
  return { sample: meant(sample, holder), note: watch.note };
}

function meant(sample: Sample, holder: Awaited<ReturnType<PortWatch['look']>>['holder']): Sample {
  switch (holder.kind) {
    case 'accepted':
    case 'beside':
      return sample;
    case 'elsewhere':
    case 'drifted':
      return asElsewhere(sample, holder, false);
    case 'unsure':
    case 'stranger':
    case 'orphan':
      return asOther(sample, holder);
  }
}
