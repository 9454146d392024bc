import type { Sample } from '../../probe/probe.ts';

/** This many in a row are no accident. */
const MOST_BROKEN = 10;

/**
 * Counts the probes in a row that were broken themselves: a bug of ours, or a command that cannot be
 * started. Reported once: the next other result begins a new row.
 */
export class BrokenProbes {
  #count = 0;

  /** Whether this sample is the one to report. */
  isToBeTold(sample: Sample): boolean {
    const isBroken = sample.kind === 'unknown' && sample.cause === 'broken-probe';
    this.#count = isBroken ? this.#count + 1 : 0;
    return this.#count === MOST_BROKEN;
  }
}
