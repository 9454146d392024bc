import type { OsReader } from '../os/os-reader.ts';
import { SHARED_MS } from '../os/shared-reader.ts';
import { usageOf } from '../os/tree.ts';
import type { Sample } from '../probe/probe.ts';
import type { Clock } from '../time/clock.ts';
import { treesOfApp } from './find-port-holder.ts';
import type { Tree } from './cpu-load.ts';
import type { Observation } from '../target/observation.ts';

/** The processes must use too much memory for this long. */
const OVER_MS = 30_000;

/** The time between two looks: one look for each sample, with the default period of 5 s and its jitter. */
const APART_MS = 4_500;

/** What one incarnation used at the last look. */
interface Look {
  readonly incarnation: string | null;
  readonly at: number;
  /** Null where that is not known. */
  readonly rssBytes: number | null;
}

/** Watches the memory of one app's process trees (`maxTreeMemory`). */
export class MemoryWatch {
  readonly #reader: OsReader;
  readonly #clock: Clock;
  #last: Look | null = null;
  #overSince: number | null = null;

  constructor(reader: OsReader, clock: Clock) {
    this.#reader = reader;
    this.#clock = clock;
  }

  /** The good sample, or a failure while the processes have used more than `limit` bytes for 30 s. */
  async judge(app: Observation, limit: number, sample: Sample): Promise<Sample> {
    const now = this.#clock.now();
    const { rssBytes } = await this.#look(app, now);
    if (rssBytes === null) return sample;
    this.#overSince = rssBytes <= limit ? null : (this.#overSince ?? now);
    // The short peak of a compiler is no leak.
    if (this.#overSince === null || now - this.#overSince < OVER_MS) return sample;
    const detail = `its processes use ${megabytes(rssBytes)}, more than maxTreeMemory ${megabytes(limit)}`;
    const { at, durationMs } = sample;
    return { kind: 'fail', class: 'memory', detail, at, durationMs };
  }

  /** Looks again, or returns the last look of this incarnation where it is only seconds old. */
  async #look(app: Observation, now: number): Promise<Look> {
    const isSame = this.#last?.incarnation === app.incarnation;
    if (!isSame) this.#overSince = null;
    if (isSame && this.#last !== null && now - this.#last.at < APART_MS) return this.#last;
    const trees = await treesOfApp(app, this.#reader, SHARED_MS);
    this.#last = { incarnation: app.incarnation, at: now, rssBytes: largest(trees) };
    return this.#last;
  }
}

/**
 * The memory of the largest tree. In cluster mode each instance has the limit for itself: to scale up is
 * no leak.
 */
function largest(trees: readonly Tree[]): number | null {
  const known = trees.map((tree) => usageOf(tree).rssBytes).filter((bytes) => bytes !== null);
  return known.length === 0 ? null : Math.max(...known);
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1_048_576)} MB`;
}
