import type { DoctorFacts } from './facts.ts';

/** What one check has found: `bad` wants a hand, `note` is for knowing, or could not be told. */
export interface Finding {
  /** Which check it was: `ps`, `strictPort`. */
  readonly check: string;
  readonly state: 'ok' | 'note' | 'bad';
  readonly what: string;
  /** What to type or to write; null where nothing is to be done. */
  readonly fix: string | null;
}

/** One check: pure. Empty where it has nothing to say that another one does not. */
export type Check = (facts: DoctorFacts) => readonly Finding[];

/** All is well. */
export function ok(check: string, what: string): Finding {
  return { check, state: 'ok', what, fix: null };
}

/** Nothing that counts. */
export function note(check: string, what: string, fix: string | null = null): Finding {
  return { check, state: 'note', what, fix };
}

/** Something is to be done, and this is what. */
export function bad(check: string, what: string, fix: string): Finding {
  return { check, state: 'bad', what, fix };
}

/** What was found, or that it is well where nothing was. */
export function okIfNone(
  findings: readonly Finding[],
  check: string,
  what: string,
): readonly Finding[] {
  return findings.length > 0 ? findings : [ok(check, what)];
}
