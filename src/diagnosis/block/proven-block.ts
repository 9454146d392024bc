import { createHash } from 'node:crypto';
import type { ProbeOptions } from '../../probe/probe.ts';

/** What was remembered of an app, as far as it says whether its block was ever right. */
export interface RememberedProof {
  /** The key of the probe that was last answered well; null or absent where none is known. */
  readonly provenBlock?: string | null;
  /** An incarnation that had answered well; null where none had. */
  readonly answered: string | null;
}

/**
 * Whether an app has ever answered well under the probe that its block has now. What was once right
 * is not the block's fault later (DESIGN §11). Outlives restarts of the app and of the monitor; another
 * probe has to prove itself again.
 */
export class ProvenBlock {
  #key: string | null;
  #known: { readonly probe: ProbeOptions; readonly key: string } | null = null;

  /** Files of earlier versions have no key: an app that had answered well had a right block. */
  constructor(remembered: RememberedProof | null, probe: ProbeOptions) {
    this.#key = remembered?.provenBlock ?? null;
    if (this.#key === null && typeof remembered?.answered === 'string')
      this.#key = this.#keyFor(probe);
  }

  /** The key of the probe that was last answered well, to be kept; null where none was. */
  get key(): string | null {
    return this.#key;
  }

  /** The app has answered well under this probe. */
  note(probe: ProbeOptions): void {
    this.#key = this.#keyFor(probe);
  }

  isProven(probe: ProbeOptions): boolean {
    return this.#key === this.#keyFor(probe);
  }

  /** What an earlier monitor knew was read late; a good answer since then counts for more. */
  restore({ provenBlock }: Pick<RememberedProof, 'provenBlock'>): void {
    this.#key ??= provenBlock ?? null;
  }

  /** Made once for each probe: it is asked for with every sample. */
  #keyFor(probe: ProbeOptions): string {
    if (this.#known?.probe !== probe) this.#known = { probe, key: keyOf(probe) };
    return this.#known.key;
  }
}

/** A short mark of a probe with all its options; no value of it can be read from the mark. */
function keyOf(probe: ProbeOptions): string {
  const text = JSON.stringify(probe, (_, value: unknown) =>
    value instanceof RegExp ? String(value) : value,
  );
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
