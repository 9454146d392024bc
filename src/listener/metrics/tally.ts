import type { FailureClass } from '../../probe/probe.ts';
import type { TargetView } from '../../report/view.ts';
import { downBetween, figuresOf } from '../../uptime/figures.ts';
import type { ActionResult } from '../../verdict/event.ts';
import type { IncidentCause } from '../../verdict/incident/incident.ts';
import type { RestartCause } from '../../verdict/incident/unstable.ts';
import { BOUNDS, bucketOf } from './family.ts';
import type { LabelText } from './label-text.ts';

/** Counts by a word, of which there are few. */
export type Counts<Word extends string> = ReadonlyMap<Word, number>;

/** Several targets can have the same labels: apps of one name, in different namespaces. */
const MOST_COUNTED = 400;

/** What is counted of one target from `since` on. Only the times are read from its uptime, at each scrape. */
export class Tally {
  /** Every answered probe, good or not, by its duration; the last place is for those above all bounds. */
  readonly #durations = new Float64Array(BOUNDS.length + 1);
  #durationSum = 0;
  readonly #failures = new Map<FailureClass, number>();
  readonly #restarts = new Map<ActionResult, number>();
  readonly #incidents = new Map<IncidentCause, number>();
  readonly #pm2Restarts = new Map<RestartCause, number>();
  /** The restarts under PM2 that are counted, the newest ones: each view has at most 20. */
  readonly #counted = new Set<string>();
  #timedUntil: number;
  #observedMs = 0;
  #downMs = 0;
  readonly #sinceWall: number;
  /** Those of the target. */
  readonly labels: LabelText;

  /** `now` is monotonic, `wall` the same moment in epoch milliseconds. */
  constructor(labels: LabelText, now: number, wall: number) {
    this.labels = labels;
    this.#timedUntil = now;
    this.#sinceWall = wall;
  }

  /** When counting began, epoch milliseconds. */
  get since(): number {
    return this.#sinceWall;
  }

  get failures(): Counts<FailureClass> {
    return this.#failures;
  }

  get restarts(): Counts<ActionResult> {
    return this.#restarts;
  }

  get incidents(): Counts<IncidentCause> {
    return this.#incidents;
  }

  get pm2Restarts(): Counts<RestartCause> {
    return this.#pm2Restarts;
  }

  get observedMs(): number {
    return this.#observedMs;
  }

  get downMs(): number {
    return this.#downMs;
  }

  /** Called for each probe: allocates nothing. */
  onSample(kind: 'ok' | 'fail', durationMs: number, failure: FailureClass | null): void {
    const seconds = Math.max(0, durationMs) / 1_000;
    const bucket = bucketOf(seconds);
    this.#durations[bucket] = (this.#durations[bucket] ?? 0) + 1;
    this.#durationSum += seconds;
    if (kind === 'fail' && failure !== null) add(this.#failures, failure);
  }

  onRestart(result: ActionResult): void {
    add(this.#restarts, result);
  }

  onIncident(cause: IncidentCause): void {
    add(this.#incidents, cause);
  }

  /** Counts the restarts under PM2 that are new in the view. */
  onRestartsSeen({ pm2Restarts }: TargetView): void {
    for (const { at, pmId, cause, count } of pm2Restarts?.last ?? []) {
      const id = `${at} ${pmId}`;
      if (at < this.#sinceWall || this.#counted.has(id)) continue;
      this.#counted.add(id);
      add(this.#pm2Restarts, cause, count);
    }
    for (const oldest of this.#counted) {
      if (this.#counted.size <= MOST_COUNTED) break;
      this.#counted.delete(oldest);
    }
  }

  /** Adds the time since the last call, as the target's uptime has it now. */
  onTime({ uptime }: TargetView, now: number): void {
    const from = this.#timedUntil;
    if (now <= from) return;
    this.#observedMs += figuresOf(uptime, now - from, now).observedMs;
    this.#downMs += downBetween(uptime, Math.max(from, uptime.knownSince), now);
    this.#timedUntil = now;
  }

  /** How many probes took at most as long as each bound, and all of them at the end; and their sum, in seconds. */
  durations(): { readonly cumulative: readonly number[]; readonly sum: number } {
    let count = 0;
    const cumulative = Array.from(this.#durations, (each) => (count += each));
    return { cumulative, sum: this.#durationSum };
  }
}

function add<Word extends string>(counts: Map<Word, number>, word: Word, by = 1): void {
  counts.set(word, (counts.get(word) ?? 0) + by);
}
