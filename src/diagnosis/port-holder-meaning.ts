import type { Sample } from '../probe/probe.ts';
import type { PortHolder } from './port-holder.ts';

/** Nobody has the port where the app is asked, and the app has one elsewhere. */
export type Elsewhere = Extract<PortHolder, { kind: 'elsewhere' | 'drifted' }>;

/** Somebody else has it, or it cannot be told for the moment. */
export type Other = Exclude<PortHolder, { kind: 'accepted' | 'beside' } | Elsewhere>;

/** What a sample means whose answer did not come from the app. */
export function asOther(sample: Sample, holder: Other): Sample {
  const { at, durationMs } = sample;
  switch (holder.kind) {
    case 'unsure':
      return { kind: 'unknown', cause: 'pending', detail: holder.why, at, durationMs };
    case 'stranger': {
      const detail = `${holder.detail}; if it is to answer for the app, set portOwner: 'any'`;
      return { ...sample, kind: 'fail', class: 'impostor', detail };
    }
    case 'orphan':
      return { ...sample, kind: 'fail', class: 'impostor', detail: holder.detail };
  }
}

/**
 * An answer is an answer, wherever it came from. A port that the app closed, or lost to another,
 * a restart can give back; an address that it never had (`hasAnswered` false), it cannot.
 */
export function asElsewhere(sample: Sample, holder: Elsewhere, hasAnswered: boolean): Sample {
  const { kind, detail } = holder;
  if (sample.kind !== 'fail') return sample;
  if (kind === 'elsewhere' && !hasAnswered) return { ...sample, class: 'misconfig', detail };
  return { ...sample, detail: `${sample.detail}; ${detail}` };
}
