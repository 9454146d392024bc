import { fromKeptUptime, toKeptUptime, type KeptUptime } from './kept-uptime.ts';
import { elapsedSince, endToMono, pastToMono, toWall } from './memory-time.ts';
import type { Instant, SavedAt } from './memory-time.ts';

/** An open incident. Its times are monotonic milliseconds here, and epoch milliseconds on disk. */
export interface KeptIncident {
  readonly openedAt: number;
  readonly detectedAt: number;
  readonly cause: string;
  readonly detail: string;
  readonly restarts: number;
}

/** A longer list of restarts under PM2 is not ours. */
export const MOST_OBSERVED = 100;

/** The incarnation that was last seen of a process, with PM2's counter. */
interface SeenIncarnation {
  readonly startedAt: number;
  readonly restarts: number;
}

/** The restarts of an app under PM2; all times are epoch milliseconds by PM2's clock, here as on disk. */
export interface AppRestarts {
  /** One for each process. In memory no object by pm_id: that would have room for all smaller numbers too. */
  readonly seen: readonly (SeenIncarnation & { readonly pmId: number })[];
  /** The newest, the oldest first. */
  readonly last: readonly {
    readonly pmId: number;
    readonly at: number;
    readonly cause: string;
    readonly detail: string;
    readonly count: number;
  }[];
}

/** The same on disk. */
export interface KeptRestarts extends Pick<AppRestarts, 'last'> {
  /** By pm_id. */
  readonly seen: Readonly<Record<string, SeenIncarnation>>;
}

/** What is kept for one app; times in this process's monotonic milliseconds. */
export interface AppMemory {
  /** The verdict's own memory; charged restarts are in `budget`. */
  readonly memory: {
    readonly budget: readonly number[];
    readonly backoff: {
      readonly restarts: number;
      readonly delayMs: number;
      /** -Infinity: no wait. */
      readonly notBefore: number;
      readonly seed: number;
    };
    readonly restartsSinceOk: number;
    readonly cooldownMs: number | null;
    readonly needsDeep: boolean;
  };
  /** Until when the breaker is open; null while it is closed. */
  readonly openUntil: number | null;
  /** Until when an operator's pause lasts; Infinity: until `resume`; null: no pause. */
  readonly pausedUntil: number | null;
  /** The open incident; null where none is. */
  readonly incident: KeptIncident | null;
  /** The present incarnation (pm_id, pid and start time), if it has answered well; else null. */
  readonly answered: string | null;
  /** A mark of the probe that the app last answered well; null where it never did. */
  readonly provenBlock: string | null;
  /** What was reported of its certificate, see `CertificateWatch`; null where nothing was. */
  readonly certificateReported: string | null;
  /** Null where nothing is known. */
  readonly uptime: KeptUptime | null;
  /** Null where nothing is known. */
  readonly pm2Restarts: AppRestarts | null;
}

/** The same on disk: epoch milliseconds, which have a meaning only together with `savedAt`. */
export interface KeptApp {
  readonly seenAt: number;
  readonly restarts: readonly number[];
  readonly backoff: {
    readonly restarts: number;
    readonly delayMs: number;
    readonly notBefore: number | null;
    readonly seed: number;
  };
  readonly restartsSinceOk: number;
  readonly cooldownMs: number | null;
  readonly openUntil: number | null;
  /** `until: null`: until `resume`. */
  readonly pause: { readonly until: number | null } | null;
  /** Absent in files of the first version, which had none. */
  readonly incident?: KeptIncident | null;
  readonly needsDeep?: boolean;
  readonly answered?: string | null;
  readonly provenBlock?: string | null;
  readonly certificateReported?: string | null;
  readonly uptime?: KeptUptime | null;
  readonly pm2Restarts?: KeptRestarts | null;
}

/** The key of an app, by instance and name (`0:web`), because PM2 renumbers pm_ids. */
export function appKey(name: string, instance: number): string {
  return `${instance}:${name}`;
}

/** The same for what has both, such as a view. */
export function appKeyOf({
  name,
  instance,
}: {
  readonly name: string;
  readonly instance: number;
}): string {
  return appKey(name, instance);
}

/**
 * The most restarts that are kept for an app; a budget cannot be larger (`restarts.limit` is at most 100).
 */
export const MOST_RESTARTS = 200;

/** What is written to disk for an app at an instant; `seenAt` is epoch milliseconds. */
export function toKept({ memory, ...app }: AppMemory, seenAt: number, at: Instant): KeptApp {
  const { budget, backoff, restartsSinceOk, cooldownMs, needsDeep } = memory;
  const until = (mono: number): number => toWall(mono, at);
  return {
    seenAt,
    restarts: budget.slice(-MOST_RESTARTS).map((time) => toWall(Math.min(time, at.now), at)),
    backoff: {
      ...backoff,
      notBefore: backoff.notBefore > at.now ? until(backoff.notBefore) : null,
    },
    restartsSinceOk,
    cooldownMs,
    needsDeep,
    openUntil: app.openUntil === null ? null : until(app.openUntil),
    pause:
      app.pausedUntil === null
        ? null
        : { until: Number.isFinite(app.pausedUntil) ? until(app.pausedUntil) : null },
    incident: app.incident && moved(app.incident, until),
    answered: app.answered,
    provenBlock: app.provenBlock,
    certificateReported: app.certificateReported,
    uptime: app.uptime && toKeptUptime(app.uptime, at),
    pm2Restarts: app.pm2Restarts && toKeptRestarts(app.pm2Restarts),
  };
}

/** What a file says of an app, in the monotonic time of this process. */
export function fromKept(kept: KeptApp, saved: SavedAt, at: Instant): AppMemory {
  const { restarts, delayMs, notBefore, seed } = kept.backoff;
  const end = (wall: number): number => endToMono(wall, saved, at);
  const { mostMs } = elapsedSince(saved, at);
  const past = (wall: number): number => at.now - mostMs - Math.max(0, saved.wall - wall);
  return {
    memory: {
      budget: kept.restarts.map((time) => pastToMono(time, saved, at)),
      backoff: {
        restarts,
        delayMs,
        // A delay counts from a restart, so no more than the whole delay can be left.
        notBefore:
          notBefore === null
            ? Number.NEGATIVE_INFINITY
            : Math.min(end(notBefore), at.now + delayMs),
        seed,
      },
      restartsSinceOk: kept.restartsSinceOk,
      cooldownMs: kept.cooldownMs,
      needsDeep: kept.needsDeep === true,
    },
    openUntil: kept.openUntil === null ? null : end(kept.openUntil),
    pausedUntil: kept.pause === null ? null : pauseEnd(kept.pause.until, end),
    incident: kept.incident ? moved(kept.incident, past) : null,
    answered: kept.answered ?? null,
    provenBlock: kept.provenBlock ?? null,
    certificateReported: kept.certificateReported ?? null,
    uptime: kept.uptime ? fromKeptUptime(kept.uptime, saved, at) : null,
    pm2Restarts: kept.pm2Restarts ? fromKeptRestarts(kept.pm2Restarts) : null,
  };
}

function toKeptRestarts({ seen, last }: AppRestarts): KeptRestarts {
  return { seen: Object.fromEntries(seen.map(({ pmId, ...each }) => [pmId, each])), last };
}

function fromKeptRestarts({ seen, last }: KeptRestarts): AppRestarts {
  return {
    seen: Object.entries(seen).map(([pmId, { startedAt, restarts }]) => ({
      pmId: Number(pmId),
      startedAt,
      restarts,
    })),
    last,
  };
}

function moved(incident: KeptIncident, to: (at: number) => number): KeptIncident {
  const { openedAt, detectedAt } = incident;
  return { ...incident, openedAt: to(openedAt), detectedAt: to(detectedAt) };
}

function pauseEnd(until: number | null, end: (wall: number) => number): number {
  return until === null ? Number.POSITIVE_INFINITY : end(until);
}
