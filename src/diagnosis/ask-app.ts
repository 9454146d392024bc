import type { TargetConfig } from '../config/target-config.ts';
import type { Sample } from '../probe/probe.ts';
import { attributeToElsewhere, attributeToOther } from './port-holder-meaning.ts';
import type { Observation } from '../target/observation.ts';
import { PortWatch, type PortWatchDeps } from './port-watch.ts';

/** The sample of one answer, and who gave it. */
export interface AppAnswer {
  readonly sample: Sample;
  /** Who answered, for people, where that matters; else null. */
  readonly note: string | null;
}

/** Probes the app; only at the addresses `only`, where given. */
export type Ask = (only?: readonly string[]) => Promise<Sample>;

/**
 * Probes an app once, and keeps nothing. Where somebody else answers instead of the app, the sample says
 * so; where the app listens at another address of its name, it is probed there.
 */
export async function askApp(
  app: Observation,
  config: TargetConfig,
  deps: PortWatchDeps,
  ask: Ask,
): Promise<AppAnswer> {
  const watch = new PortWatch(deps);
  let sample = await ask();
  if (sample.kind === 'unknown') return { sample, note: null };
  let { holder, isOwn } = await watch.look(app, config, sample);
  if (!isOwn) {
    sample = await ask(watch.only);
    if (sample.kind === 'unknown') return { sample, note: watch.note };
    ({ holder, isOwn } = await watch.look(app, config, sample));
  }
  return { sample: interpret(sample, holder), note: watch.note };
}

function interpret(
  sample: Sample,
  holder: Awaited<ReturnType<PortWatch['look']>>['holder'],
): Sample {
  switch (holder.kind) {
    case 'accepted':
    case 'beside':
      return sample;
    case 'elsewhere':
    case 'drifted':
      return attributeToElsewhere(sample, holder, false);
    case 'unsure':
    case 'stranger':
    case 'orphan':
      return attributeToOther(sample, holder);
  }
}
