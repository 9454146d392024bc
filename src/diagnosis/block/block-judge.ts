import type { TargetConfig } from '../../config/target-config.ts';
import type { Sample } from '../../probe/probe.ts';
import { ProvenBlock, type RememberedProof } from './proven-block.ts';
import { blameQuestion, isEnough, isWrongQuestion } from './wrong-question.ts';

/** Finds out whether the block of one target is wrong, rather than its app (DESIGN §11). */
export class BlockJudge {
  readonly #proven: ProvenBlock;
  /** How many answers in a row say that the wrong thing is asked. */
  #inARow = 0;

  constructor(remembered: RememberedProof | null, { probe }: TargetConfig) {
    this.#proven = new ProvenBlock(remembered, probe);
  }

  /** What is to be kept of it; null where the app never answered well. */
  get provenBlock(): string | null {
    return this.#proven.key;
  }

  /** Whether the app ever answered well under its present block. */
  isProven({ probe }: TargetConfig): boolean {
    return this.#proven.isProven(probe);
  }

  /** What an earlier monitor knew was read late. */
  restore(remembered: Pick<RememberedProof, 'provenBlock'>): void {
    this.#proven.restore(remembered);
  }

  /** What a sample of the app itself means; `ageMs` is the age of its present incarnation. */
  judge(sample: Sample, config: TargetConfig, ageMs: number): Sample {
    if (sample.kind === 'ok') this.#proven.note(config.probe);
    if (!isWrongQuestion(sample)) {
      if (sample.kind !== 'unknown') this.#inARow = 0;
      return sample;
    }
    this.#inARow += 1;
    if (this.#proven.isProven(config.probe)) return sample;
    const evidence = { inARow: this.#inARow, ageMs };
    return isEnough(evidence, config) ? blameQuestion(sample, config) : sample;
  }
}
