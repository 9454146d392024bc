import { MOST_RESTARTS, type AppMemory, type KeptIncident } from './app-memory.ts';
import type { KeptUptime } from './kept-uptime.ts';

/** What the operator did by command; it decides against what an earlier monitor remembered. */
export type OperatorCommand = 'pause' | 'resume' | 'reset';

/**
 * What is remembered of an app whose memory was read late: what an earlier monitor kept, and what
 * happened since under a monitor that did not know it. Of two limits the stricter holds, of two
 * commands the newer. Times are monotonic; `at` is now.
 */
export function mergeMemory(
  kept: AppMemory,
  since: AppMemory,
  commands: ReadonlySet<OperatorCommand>,
  at: number,
): AppMemory {
  const isPauseNew = commands.has('pause') || commands.has('resume');
  const pausedUntil = isPauseNew ? since.pausedUntil : (since.pausedUntil ?? kept.pausedUntil);
  const limits = commands.has('reset') ? since : mergeLimits(kept, since);
  return {
    ...limits,
    pausedUntil: pausedUntil !== null && pausedUntil > at ? pausedUntil : null,
    incident: mergeIncidents(kept.incident, since.incident),
    answered: since.answered ?? kept.answered,
    uptime: mergeUptimes(kept.uptime, since.uptime),
  };
}

/** Budget, backoff and breaker. What a good answer ends has ended, if there was one since. */
function mergeLimits(kept: AppMemory, since: AppMemory): Pick<AppMemory, 'memory' | 'openUntil'> {
  const [before, after] = [kept.memory, since.memory];
  const hasAnswered = since.answered !== null || wasUp(since.uptime);
  const spent = [...before.budget, ...after.budget].sort((one, other) => one - other);
  return {
    memory: {
      budget: spent.slice(-MOST_RESTARTS),
      backoff: {
        restarts: Math.max(before.backoff.restarts, after.backoff.restarts),
        delayMs: Math.max(before.backoff.delayMs, after.backoff.delayMs),
        notBefore: Math.max(before.backoff.notBefore, after.backoff.notBefore),
        seed: after.backoff.seed,
      },
      restartsSinceOk: after.restartsSinceOk + (hasAnswered ? 0 : before.restartsSinceOk),
      cooldownMs: hasAnswered ? after.cooldownMs : later(before.cooldownMs, after.cooldownMs),
    },
    openUntil: hasAnswered ? since.openUntil : later(kept.openUntil, since.openUntil),
  };
}

function later(one: number | null, other: number | null): number | null {
  return one === null || other === null ? (one ?? other) : Math.max(one, other);
}

/** The app was not well before and after: one incident, which began with the earlier one. */
function mergeIncidents(
  kept: KeptIncident | null,
  since: KeptIncident | null,
): KeptIncident | null {
  if (kept === null || since === null) return kept ?? since;
  // An app that is down no longer flaps.
  const { cause, detail } = since.cause === 'flapping' ? kept : since;
  return {
    openedAt: Math.min(kept.openedAt, since.openedAt),
    detectedAt: Math.min(kept.detectedAt, since.detectedAt),
    cause,
    detail,
    restarts: kept.restarts + since.restarts,
  };
}

/** Nobody watched from the end of what was kept to the beginning of what came since. */
function mergeUptimes(kept: KeptUptime | null, since: KeptUptime | null): KeptUptime | null {
  if (kept === null || since === null) return kept ?? since;
  // `fromKeptUptime` lets what was kept end in time that nobody saw.
  const from = Math.min(kept.since, since.knownSince);
  const isUnseenYet = since.standing === 'unseen' && since.stretches.length === 0;
  const gap = { from, to: since.knownSince, standing: 'unseen' } as const;
  return {
    knownSince: kept.knownSince,
    standing: since.standing,
    since: isUnseenYet ? from : since.since,
    stretches: isUnseenYet ? kept.stretches : [...kept.stretches, gap, ...since.stretches],
    incidents: [...kept.incidents, ...since.incidents],
    mended: [...kept.mended, ...since.mended],
    restarts: [...kept.restarts, ...since.restarts],
  };
}

/** Whether an app was seen well at any time: what is no stretch was up. */
function wasUp(uptime: KeptUptime | null): boolean {
  if (uptime === null) return false;
  const { standing, knownSince, since, stretches } = uptime;
  const notUpMs = stretches.reduce((sum, { from, to }) => sum + (to - from), 0);
  // Sums of parts differ by a rounding.
  return standing === 'up' || since - knownSince > notUpMs + 1;
}
