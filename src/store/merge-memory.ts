import {
  MOST_OBSERVED,
  MOST_RESTARTS,
  type AppMemory,
  type AppRestarts,
  type KeptIncident,
} from './app-memory.ts';
import type { KeptUptime } from './kept-uptime.ts';

/** A command of the operator. It outweighs what an earlier monitor remembered. */
export type OperatorCommand = 'pause' | 'resume' | 'reset';

/**
 * Merges the memory of an app that was read late: what an earlier monitor kept, and what has happened since
 * then without it. Of two limits the stricter holds, of two commands the newer. Times are monotonic
 * milliseconds; `at` is now.
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
    provenBlock: since.provenBlock ?? kept.provenBlock,
    certificateReported: since.certificateReported ?? kept.certificateReported,
    uptime: mergeUptimes(kept.uptime, since.uptime),
    pm2Restarts: mergeRestarts(kept.pm2Restarts, since.pm2Restarts),
  };
}

/** Budget, backoff and breaker. A good answer since then has ended what a good answer ends. */
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
      needsDeep: after.needsDeep || (before.needsDeep && !hasAnswered),
      cooldownMs: hasAnswered ? after.cooldownMs : later(before.cooldownMs, after.cooldownMs),
    },
    openUntil: hasAnswered ? since.openUntil : later(kept.openUntil, since.openUntil),
  };
}

function later(one: number | null, other: number | null): number | null {
  return one === null || other === null ? (one ?? other) : Math.max(one, other);
}

/** The app was not well before and after: one incident, from the beginning of the earlier one. */
function mergeIncidents(
  kept: KeptIncident | null,
  since: KeptIncident | null,
): KeptIncident | null {
  if (kept === null || since === null) return kept ?? since;
  // An app that is down no longer flaps, nor is it only unstable.
  const isLasting = since.cause === 'flapping' || since.cause === 'unstable';
  const { cause, detail } = isLasting ? kept : since;
  return {
    openedAt: Math.min(kept.openedAt, since.openedAt),
    detectedAt: Math.min(kept.detectedAt, since.detectedAt),
    cause,
    detail,
    restarts: kept.restarts + since.restarts,
  };
}

/** Joins both uptimes. Between the end of the first and the beginning of the second nothing was observed. */
function mergeUptimes(kept: KeptUptime | null, since: KeptUptime | null): KeptUptime | null {
  if (kept === null || since === null) return kept ?? since;
  // `fromKeptUptime` ends the first with unobserved time.
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

function mergeRestarts(kept: AppRestarts | null, since: AppRestarts | null): AppRestarts | null {
  if (kept === null || since === null) return kept ?? since;
  const last = [...kept.last, ...since.last].sort((one, other) => one.at - other.at);
  return { seen: since.seen, last: last.slice(-MOST_OBSERVED) };
}

/** True where the app was seen up at any time: all time outside the stretches counts as up. */
function wasUp(uptime: KeptUptime | null): boolean {
  if (uptime === null) return false;
  const { standing, knownSince, since, stretches } = uptime;
  const notUpMs = stretches.reduce((sum, { from, to }) => sum + (to - from), 0);
  // The sums can differ by a rounding error.
  return standing === 'up' || since - knownSince > notUpMs + 1;
}
