import type { TargetStatus } from '../report/status.ts';
import { forEachInSlices } from '../time/slices.ts';
import { rowHistory } from './app-row.ts';
import type { Html } from './html.ts';
import type { PageFacts, Span } from './page-facts.ts';

/** How a row's bars, figures and response times are made. */
export type RowHistory = typeof rowHistory;

const MINUTE_MS = 60_000;

/** After a minute has ended, all histories have it this long later. */
const RECORDED_MS = 2_000;

/**
 * What of the rows changes with the minutes, kept for a minute: for a hundred apps it takes a tenth of a second of
 * computing, which each look would spend again.
 */
export class KeptRows {
  /** By span and target. */
  readonly #rows = new Map<string, Html>();
  #minute = Number.NaN;

  readonly of: RowHistory = (target, facts, span) => {
    const minute = Math.floor((facts.at - RECORDED_MS) / MINUTE_MS);
    if (minute !== this.#minute) this.#rows.clear();
    this.#minute = minute;
    const key = `${span} ${target.instance} ${target.name}`;
    const known = this.#rows.get(key);
    if (known !== undefined) return known;
    const row = rowHistory(target, facts, span);
    // An app that was just found gets its history in the middle of a minute.
    if (facts.history.of(target.name, target.instance) !== null) this.#rows.set(key, row);
    return row;
  };

  /** Makes the rows that are not kept yet, in slices; `now` is in milliseconds. */
  async prepare(facts: PageFacts, span: Span, now: () => number): Promise<void> {
    const make = (target: TargetStatus): void => void this.of(target, facts, span);
    await forEachInSlices(facts.status.targets, now, make, () => true);
  }

  clear(): void {
    this.#rows.clear();
  }
}
