import { singleLine } from '../text/single-line.ts';
import type { Clock } from '../time/clock.ts';
import type { OpenIncidentFact } from './contract/facts.ts';

/** The monitor in the ledger; no app has such a name. */
export const MONITOR_KEY = '\u0000pm2-liveness';

/** A suspended machine, a short lag, a daemon that starts again: none of these is worth a message. */
const LASTS_MS = 2 * 60_000;

/** Follows what keeps the monitor itself from its work. */
export class OwnTrouble {
  readonly #clock: Clock;
  #since: number | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * An incident of the monitor itself, once `reason` has been there for two minutes; null for none. One that is
   * reported since `openedAt` (wall milliseconds), perhaps by an earlier monitor, goes on at once. `isJudging` is
   * false while no app is judged.
   */
  look(
    reason: string | null,
    isJudging: boolean,
    openedAt: number | null,
  ): OpenIncidentFact | null {
    if (reason === null) {
      this.#since = null;
      return null;
    }
    const now = this.#clock.now();
    this.#since ??= now;
    if (openedAt !== null) return factOf(reason, isJudging, openedAt);
    const lastsMs = now - this.#since;
    return lastsMs < LASTS_MS ? null : factOf(reason, isJudging, this.#clock.wall() - lastsMs);
  }
}

function factOf(reason: string, isJudging: boolean, openedAt: number): OpenIncidentFact {
  return {
    key: MONITOR_KEY,
    app: 'pm2-liveness',
    instance: 0,
    openedAt,
    detectedAt: openedAt,
    cause: 'monitor',
    restarts: 0,
    severity: 'critical',
    urgency: 'person',
    recipients: 'all',
    reason: isJudging ? 'it cannot save what it knows' : 'it cannot do its work',
    detail: singleLine(reason, 300),
    next: isJudging
      ? 'apps are still restarted; what it knows is lost when it stops'
      : 'nothing is restarted until then',
    diagnosis: null,
  };
}
