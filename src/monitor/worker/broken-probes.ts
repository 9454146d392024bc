import type { Sample } from '../../probe/probe.ts';

/** After this many in a row it is reported. */
const MOST_BROKEN = 10;

/**
 * Counts the probes in a row that were broken themselves: a bug of ours, or a command that cannot be
 * started. They are reported once; any other result starts the count again.
 */
export class BrokenProbes {
  #count = 0;

  /** Counts a sample. True where this one is to be reported. */
  isToBeTold(sample: Sample): boolean {
    const isBroken = sample.kind === 'unknown' && sample.cause === 'broken-probe';
    this.#count = isBroken ? this.#count + 1 : 0;
    return this.#count === MOST_BROKEN;
  }
}
