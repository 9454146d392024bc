import type { Added } from './load-config.ts';

/** What is to be written, and what is to be said of it. */
export interface Plan {
  readonly before: string;
  readonly after: string;
  readonly added: Added;
  /** What a person should know, a line each. */
  readonly notes: readonly string[];
}

/** Why a file is left as it is, and what a person would add to it. */
export interface ByHand {
  readonly reason: string;
  readonly lines: readonly string[];
}
