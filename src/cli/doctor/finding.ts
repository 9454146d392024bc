import type { DoctorFacts } from './facts.ts';

/** The finding of one check: `bad` needs an action; `note` is only to know, or could not be checked. */
export interface Finding {
  /** The name of the check: `ps`, `strictPort`. */
  readonly check: string;
  readonly state: 'ok' | 'note' | 'bad';
  readonly what: string;
  /** What to type or write; null where nothing is to be done. */
  readonly fix: string | null;
}

/** One check, a pure function. Empty where it has nothing to report, or another check reports it. */
export type Check = (facts: DoctorFacts) => readonly Finding[];

/** A good finding. */
export function ok(check: string, what: string): Finding {
  return { check, state: 'ok', what, fix: null };
}

/** A finding that is only to know. */
export function note(check: string, what: string, fix: string | null = null): Finding {
  return { check, state: 'note', what, fix };
}

/** A finding that needs an action (`fix`). */
export function bad(check: string, what: string, fix: string): Finding {
  return { check, state: 'bad', what, fix };
}

/** The findings, or one good finding where there are none. */
export function okIfNone(
  findings: readonly Finding[],
  check: string,
  what: string,
): readonly Finding[] {
  return findings.length > 0 ? findings : [ok(check, what)];
}
