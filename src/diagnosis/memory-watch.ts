import type { OsReader, ProcessFacts } from '../os/os-reader.ts';
import { SHARED_MS } from '../os/shared-reader.ts';
import { usageOf } from '../os/tree.ts';
import type { Sample } from '../probe/probe.ts';
import type { Clock } from '../time/clock.ts';
import { treesOfApp } from './find-port-holder.ts';
import type { Tree } from './cpu-load.ts';
import type { HeapWatch } from './heap/heap-watch.ts';
import type { Observation } from '../target/observation.ts';
import { megabytes } from '../text/megabytes.ts';

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
  readonly trees: readonly Tree[];
}

/** Watches the memory of one app's process trees (`maxTreeMemory`). */
export class MemoryWatch {
  readonly #reader: OsReader;
  readonly #clock: Clock;
  /** Absent where nobody asks what fills the memory. */
  readonly #heap: HeapWatch | undefined;
  #last: Look | null = null;
  #overSince: number | null = null;
  /** What is wrong with this incarnation, once it is. */
  #detail: string | null = null;

  constructor(reader: OsReader, clock: Clock, heap?: HeapWatch) {
    this.#reader = reader;
    this.#clock = clock;
    this.#heap = heap;
  }

  /** The good sample, or a failure while the processes have used more than `limit` bytes for 30 s. */
  async judge(
    app: Observation,
    limit: number,
    { sample, wantsSnapshot }: { readonly sample: Sample; readonly wantsSnapshot: boolean },
  ): Promise<Sample> {
    const now = this.#clock.now();
    const { rssBytes, trees } = await this.#look(app, now);
    if (rssBytes === null) return sample;
    this.#overSince = rssBytes <= limit ? null : (this.#overSince ?? now);
    // The short peak of a compiler is no leak.
    if (this.#overSince === null || now - this.#overSince < OVER_MS) {
      this.#forget();
      return sample;
    }
    // As it was before: a look at the heap takes memory itself.
    this.#detail ??= `its processes use ${megabytes(rssBytes)}, more than maxTreeMemory ${megabytes(limit)}`;
    const most = largestProcess(trees);
    if (most !== undefined) await this.#heap?.begin(app, most, wantsSnapshot);
    return this.#isOver(sample, this.#detail);
  }

  /**
   * What a failure means of an app that uses too much memory: it does not answer while its heap is being looked at, and
   * that is none of its own. The failure itself for any other app, and without a limit.
   */
  explain(
    { incarnation }: Observation,
    limit: number | null,
    failure: Sample & { readonly kind: 'fail' },
  ): Sample {
    if (limit === null || this.#last?.incarnation !== incarnation) this.#forget();
    const detail = this.#detail;
    return detail === null || failure.class !== 'timeout' ? failure : this.#isOver(failure, detail);
  }

  /** No failure yet while it is being looked at what fills the memory. */
  #isOver({ at, durationMs }: Sample, detail: string): Sample {
    if (this.#heap?.isLooking !== true)
      return { kind: 'fail', class: 'memory', detail, at, durationMs };
    const meanwhile = `${detail}; what fills them is being looked at before a restart`;
    return { kind: 'unknown', cause: 'pending', detail: meanwhile, at, durationMs };
  }

  #forget(): void {
    if (this.#detail !== null) this.#heap?.forget();
    this.#detail = null;
  }

  /** Looks again, or returns the last look of this incarnation where it is only seconds old. */
  async #look(app: Observation, now: number): Promise<Look> {
    const isSame = this.#last?.incarnation === app.incarnation;
    if (!isSame) {
      this.#overSince = null;
      this.#forget();
    }
    if (isSame && this.#last !== null && now - this.#last.at < APART_MS) return this.#last;
    const trees = await treesOfApp(app, this.#reader, SHARED_MS);
    this.#last = { incarnation: app.incarnation, at: now, rssBytes: largest(trees), trees };
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

/** The process that uses most. */
function largestProcess(trees: readonly Tree[]): ProcessFacts | undefined {
  return trees.flat().toSorted((one, other) => (other.rssBytes ?? 0) - (one.rssBytes ?? 0))[0];
}
