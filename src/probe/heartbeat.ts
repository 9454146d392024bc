import type { HeartbeatOptions, Outcome, Probe } from './probe.ts';

/** How many milliseconds a heartbeat may take over PM2's bus. */
const BUS_MS = 500;

/** What is known about the heartbeats of one incarnation at one moment. Times are monotonic milliseconds. */
export interface HeartbeatSnapshot {
  /** When the last one came; null before the first. */
  readonly lastAt: number | null;
  /** Since when every heartbeat would have been received; null while none would be. */
  readonly heardSince: number | null;
  /** Until when PM2, which passes them on, is known to have worked. */
  readonly vouchedUntil: number;
}

/** The snapshot while no heartbeat can be received. */
export const UNHEARD: HeartbeatSnapshot = {
  lastAt: null,
  heardSince: null,
  vouchedUntil: Number.NEGATIVE_INFINITY,
};

/**
 * Checks that the app sends heartbeats as often as it promised. A silence counts only where every heartbeat
 * would have been received, and where PM2 was seen to work after the silence had become too long: a blocked
 * daemon or a lost bus is no hung app.
 */
export function createHeartbeatProbe(
  { everyMs }: HeartbeatOptions,
  heartbeat?: () => HeartbeatSnapshot,
): Probe {
  return {
    async run({ now }) {
      if (heartbeat === undefined) return unheard('only the running monitor receives heartbeats');
      return judge(heartbeat(), everyMs, now());
    },
    stop() {
      // Nothing runs between two probes.
    },
  };
}

function judge(
  { lastAt, heardSince, vouchedUntil }: HeartbeatSnapshot,
  everyMs: number,
  now: number,
): Outcome {
  if (heardSince === null) return unheard('PM2 passes no heartbeats on at the moment');
  const patienceMs = everyMs + BUS_MS;
  if (lastAt !== null && now - lastAt <= patienceMs) {
    return { kind: 'ok', detail: `last heartbeat ${Math.round(now - lastAt)} ms ago` };
  }
  const dueAt = Math.max(lastAt ?? heardSince, heardSince) + patienceMs;
  if (now <= dueAt) {
    const detail = `waiting for ${lastAt === null ? 'the first' : 'a'} heartbeat`;
    return { kind: 'unknown', cause: 'pending', detail };
  }
  if (vouchedUntil <= dueAt) return unheard('PM2 itself was not seen to work since');
  const detail =
    lastAt === null
      ? `no heartbeat yet (${seconds(now - heardSince)}): does it call startHeartbeat()?`
      : `no heartbeat for ${seconds(now - lastAt)}`;
  return { kind: 'fail', class: 'timeout', detail };
}

function unheard(detail: string): Outcome {
  return { kind: 'unknown', cause: 'unheard', detail };
}

function seconds(ms: number): string {
  return `${ms < 9_950 ? (ms / 1_000).toFixed(1) : Math.round(ms / 1_000)} s`;
}
