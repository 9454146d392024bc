import type { Added } from './load-config.ts';

/** A change of a file, and the notes about it. */
export interface Plan {
  readonly before: string;
  readonly after: string;
  readonly added: Added;
  /** Notes for people, one per line. */
  readonly notes: readonly string[];
  /** The lines that give apps the agent, by the apps' names: proposed, not written. */
  readonly agents?: readonly (readonly [name: string, line: string])[];
}

/** Why a file is not changed, and what to add by hand. */
export interface ByHand {
  readonly reason: string;
  readonly lines: readonly string[];
}
