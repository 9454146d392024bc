import type { ProbeTimings, Sample } from '../probe/probe.ts';

/** The newest sample of a target in the status document. */
export interface LastSample {
  readonly ok: boolean | null;
  readonly class: string | null;
  readonly detail: string;
  readonly durationMs: number;
  readonly at: string;
  /** How long each stage of the connection took; absent where the probe has none or reached none. */
  readonly timings?: ProbeTimings;
}

/** A sample in the form of the document; `iso` turns a monotonic time into a date. */
export function lastSampleOf(sample: Sample, iso: (at: number) => string): LastSample {
  return {
    ok: sample.kind === 'unknown' ? null : sample.kind === 'ok',
    class: sample.kind === 'fail' ? sample.class : null,
    detail: sample.detail,
    durationMs: Math.round(sample.durationMs * 10) / 10,
    at: iso(sample.at),
    ...timingsOf(sample),
  };
}

/** The stages of a probe in order, with their words for people. */
const STAGES: readonly (readonly [keyof ProbeTimings, string])[] = [
  ['resolveMs', 'resolve'],
  ['connectMs', 'connect'],
  ['tlsMs', 'tls'],
  ['firstByteMs', 'first byte'],
  ['transferMs', 'transfer'],
];

/** The milliseconds of each stage of a sample, with one decimal; absent where there are none. */
export function timingsOf(sample: Sample): { readonly timings?: ProbeTimings } {
  const timings: ProbeTimings = {};
  for (const [stage] of STAGES) {
    const ms = sample.kind === 'unknown' ? undefined : sample.timings?.[stage];
    if (ms !== undefined) timings[stage] = Math.round(ms * 10) / 10;
  }
  return Object.keys(timings).length === 0 ? {} : { timings };
}

/** The same as one short line; empty where there are none. */
export function timingsText(timings: ProbeTimings = {}): string {
  return STAGES.flatMap(([stage, name]) => {
    const ms = timings[stage];
    return ms === undefined ? [] : [`${name} ${ms < 1 ? '<1' : Math.round(ms)} ms`];
  }).join(', ');
}
