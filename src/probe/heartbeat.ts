import type { HeartbeatOptions, Outcome, Probe } from './probe.ts';

/** How late a heartbeat may be for the way over PM2's bus, in milliseconds. */
const BUS_MS = 500;

/** What is known of the heartbeats of one incarnation at one moment; times are monotonic milliseconds. */
export interface HeartbeatSnapshot {
  /** When the last one came; null before the first. */
  readonly lastAt: number | null;
  /** Since when each one would have been heard; null while none would be. */
  readonly heardSince: number | null;
  /** Up to when PM2, which carries them, is known to have worked. */
  readonly vouchedUntil: number;
}

/** A heartbeat of which nothing is heard. */
export const UNHEARD: HeartbeatSnapshot = {
  lastAt: null,
  heardSince: null,
  vouchedUntil: Number.NEGATIVE_INFINITY,
};

/**
 * Does the app say that it is alive as often as it promised? A silence counts only when every beat of
 * it would have been heard, and PM2 was seen to work after it had grown too long: a daemon that is
 * held up, or a bus that was away, is no hung app. Without a `heartbeat` nobody listens.
 */
export function createHeartbeatProbe(
  { everyMs }: HeartbeatOptions,
  heartbeat?: () => HeartbeatSnapshot,
): Probe {
  return {
    async run({ now }) {
      if (heartbeat === undefined)
        return unheard('heartbeats are heard by the running monitor alone');
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
  if (heardSince === null) return unheard('PM2 does not pass heartbeats on at present');
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
