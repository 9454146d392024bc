import type { TargetConfig } from '../config/target-config.ts';
import type { Sample } from '../probe/probe.ts';
import type { Orphan } from './diagnose.ts';
import type { Need } from './kept-out.ts';

/** What to do about a proven orphan: stop it, or judge `sample`. */
export type Ruling =
  | { readonly isToEnd: true; readonly sample: Sample; readonly graceMs: number }
  | { readonly isToEnd: false; readonly sample: Sample; readonly isBackground: boolean };

/** What is known about the app while an orphan holds its port. */
export interface OrphanEvidence {
  /** Whether the app needs the port. */
  readonly need: Need;
  /** The age of the app's present incarnation. */
  readonly ageMs: number;
  /** The app's longest start: until its end it may come to need the port. */
  readonly startupTimeoutMs: number;
  /** How many probes in a row, with this one, got no answer. */
  readonly silent: number;
  readonly name: string;
  readonly failureThreshold: TargetConfig['policy']['failureThreshold'];
}

/** The time to exit for a server that answers: it may have much to save. */
export const GRACE_MS = 10_000;

/** Most apps that need the port report this, or exit, in their first seconds; and so long the answer is pending. */
const SHOWS_NEED_MS = 10_000;

/** The end of a start belongs to the verdict: nothing of it may be left when its time is over. */
const BEFORE_END_MS = 10_000;

const SILENT: ReadonlySet<string> = new Set(['timeout', 'refused', 'reset']);

/** True where no answer came. A wrong answer is an answer. */
export function isSilence(sample: Sample): boolean {
  return sample.kind === 'fail' && SILENT.has(sample.class);
}

/**
 * Decides whether to stop an orphan. One that works is stopped only when it is seen to keep the app from
 * the port: it can be a server that the app's script started in the background, and to stop that would be
 * an outage.
 */
export function judgeOrphan(orphan: Orphan, sample: Sample, evidence: OrphanEvidence): Ruling {
  const { need, ageMs, startupTimeoutMs, silent, name, failureThreshold } = evidence;
  if (sample.kind === 'unknown') return { isToEnd: false, sample, isBackground: false };
  const isSilent = isSilence(sample);
  const isOfUse = sample.kind === 'ok' || (isSilent && silent < failureThreshold);
  if (need === 'kept-out' || !isOfUse) {
    return { isToEnd: true, sample, graceMs: isSilent ? 0 : GRACE_MS };
  }
  if (isSilent) return { isToEnd: false, sample, isBackground: false };
  const { at, durationMs } = sample;
  const { detail: who } = orphan.failure;
  const waits = `${who}; it answers, and is not stopped unless ${name} needs the port`;
  if (need === 'unknown' && ageMs < SHOWS_NEED_MS) {
    const pending = { kind: 'unknown', cause: 'pending', detail: waits, at, durationMs } as const;
    return { isToEnd: false, sample: pending, isBackground: false };
  }
  // A compiler may take minutes before the app comes to its port: it still starts.
  if (need === 'unknown' && ageMs < startupTimeoutMs - BEFORE_END_MS) {
    const starts = { kind: 'fail', class: 'orphan', detail: waits, at, durationMs } as const;
    return { isToEnd: false, sample: starts, isBackground: false };
  }
  const detail = backgroundText(name, who, need === 'went-well');
  const told = { kind: 'fail', class: 'misconfig', detail, at, durationMs } as const;
  return { isToEnd: false, sample: told, isBackground: true };
}

/** The sentence for an app whose server PM2 does not run. */
export function backgroundText(name: string, who: string, hasEnded: boolean): string {
  const does = hasEnded ? 'started a server and exited' : 'started a server and runs beside it';
  return `${name} went to the background: its script ${does}, so PM2 can neither stop nor restart the server (${who}); run the server in the foreground, or set portOwner: 'any'`;
}
