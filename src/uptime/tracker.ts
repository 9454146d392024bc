import type { Sample } from '../probe/probe.ts';
import {
  downtimeOf,
  addRecovery,
  addIncident,
  addRestart,
  enterState,
  type UptimeState,
  type Uptime,
} from './figures.ts';
import { isBlind } from '../verdict/state.ts';
import type { Decision } from '../verdict/decision.ts';
import type { Verdict } from '../verdict/verdict.ts';

/**
 * Measures when a target answered well and when it did not. An app that was seen well at one time and not at
 * the next has changed in between: this takes the middle, which is wrong by half a period at most, and evens
 * out over many changes.
 */
export class UptimeTracker {
  #uptime: Uptime;
  /** When the newest good answer came, and the newest bad one. */
  #goodAt = Number.NEGATIVE_INFINITY;
  #badAt = Number.NEGATIVE_INFINITY;

  constructor(uptime: Uptime) {
    this.#uptime = uptime;
  }

  get uptime(): Uptime {
    return this.#uptime;
  }

  /** Takes over what one step of the verdict came to; with its sample, or null for any other event. */
  follow(verdict: Verdict, decisions: readonly Decision[], sample: Sample | null): void {
    this.onState(verdict, sample);
    for (const decision of decisions) this.onDecision(decision, verdict.at);
  }

  /** Takes over a new state, with the sample that caused it; null where something else did. */
  onState(verdict: Verdict, sample: Sample | null): void {
    const { at } = verdict;
    const standing = standingOf(verdict, this.#uptime.standing);
    if (standing !== null && standing !== this.#uptime.standing) {
      this.#uptime = enterState(this.#uptime, standing, this.#changedAt(standing, verdict, sample));
    }
    if (sample?.kind === 'ok') this.#goodAt = at;
    if (sample?.kind === 'fail') this.#badAt = at;
  }

  /** Notes the decisions that the figures count. */
  onDecision(decision: Decision, at: number): void {
    if (decision.type === 'restart') this.#uptime = addRestart(this.#uptime, at);
    if (decision.type === 'incidentOpened') this.#uptime = addIncident(this.#uptime, at);
    if (decision.type !== 'incidentResolved' || decision.end !== 'recovered') return;
    this.#uptime = addRecovery(
      this.#uptime,
      at,
      downtimeOf(this.#uptime, decision.incident.openedAt, at),
    );
  }

  /** Takes over the saved uptime, merged with what was tracked here. */
  restore(uptime: Uptime): void {
    this.#uptime = uptime;
  }

  /** Takes back the last restart, which was not executed. */
  refundRestart(): void {
    this.#uptime = { ...this.#uptime, restarts: this.#uptime.restarts.slice(0, -1) };
  }

  #changedAt(standing: UptimeState, { state, at }: Verdict, sample: Sample | null): number {
    const { since, standing: before } = this.#uptime;
    if (isBlind(state)) return state.from;
    // An event of PM2 or the operator has an exact time; unobserved time has no middle.
    if (sample === null || standing === 'unseen' || before === 'unseen') return at;
    if (standing === 'up') return middle(Math.max(since, this.#badAt), at);
    return middle(Math.max(since, this.#goodAt), Math.min(at, sample.at));
  }
}

/** The standing in a state; null where it stays as it is. */
function standingOf({ state, process, at }: Verdict, before: UptimeState): UptimeState | null {
  switch (state.name) {
    case 'healthy':
      return 'up';
    case 'paused':
    case 'unknown':
      return 'unseen';
    case 'starting':
      // Judged from the start again, as after a pause: nothing is known until it answers.
      if (process.hasAnswered) return state.failure === null ? null : 'down';
      // It was not seen up before: its start is no downtime until `startupTimeout`.
      return before === 'unseen' && at < state.deadline ? null : 'down';
    case 'failing':
    case 'restarting':
    case 'backoff':
    case 'open':
    case 'halfOpen':
    case 'degraded':
      return 'down';
  }
}

function middle(from: number, to: number): number {
  return from < to ? (from + to) / 2 : to;
}
