import type { Sample } from '../probe/probe.ts';
import type { PortHolder } from './port-holder.ts';

/** Nobody holds the probed port, and the app listens elsewhere. */
type Elsewhere = Extract<PortHolder, { kind: 'elsewhere' | 'drifted' }>;

/** Somebody else holds the port, or the holder is not known at the moment. */
type Other = Exclude<PortHolder, { kind: 'accepted' | 'beside' } | Elsewhere>;

/** Says what a sample means when the answer did not come from the app. */
export function attributeToOther(sample: Sample, holder: Other): Sample {
  const { at, durationMs } = sample;
  switch (holder.kind) {
    case 'unsure':
      return { kind: 'unknown', cause: 'pending', detail: holder.reason, at, durationMs };
    case 'stranger': {
      const detail = `${holder.detail}; if it answers for the app on purpose, set portOwner: 'any'`;
      return { ...sample, kind: 'fail', class: 'impostor', detail };
    }
    case 'orphan':
      return { ...sample, kind: 'fail', class: 'impostor', detail: holder.detail };
  }
}

/**
 * Says what a sample means while the app listens elsewhere. A good answer stays good. A restart can give
 * back a port that the app closed or lost to another process, but not an address that it never had
 * (`hasAnswered` false).
 */
export function attributeToElsewhere(
  sample: Sample,
  holder: Elsewhere,
  hasAnswered: boolean,
): Sample {
  const { kind, detail } = holder;
  if (sample.kind !== 'fail') return sample;
  if (kind === 'elsewhere' && !hasAnswered) return { ...sample, class: 'misconfig', detail };
  return { ...sample, detail: `${sample.detail}; ${detail}` };
}

/** An unknown sample: somebody else answered, and the app listens at another address of its name. */
export function notOfApp({ at, durationMs }: Sample): Sample {
  const detail = 'somebody else answered; the app is probed at its own address';
  return { kind: 'unknown', cause: 'pending', detail, at, durationMs };
}
