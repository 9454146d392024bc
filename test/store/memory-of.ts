import type { AppMemory } from '../../src/store/app-memory.ts';

/** A memory of one restart at each of these times, and of nothing else. */
export function memoryOf(budget: readonly number[], seed = 1): AppMemory {
  return {
    memory: {
      budget,
      backoff: { restarts: 0, delayMs: 0, notBefore: Number.NEGATIVE_INFINITY, seed },
      restartsSinceOk: 0,
      cooldownMs: null,
      needsDeep: false,
    },
    openUntil: null,
    pausedUntil: null,
    incident: null,
    answered: null,
    provenBlock: null,
    certificateReported: null,
    uptime: null,
    pm2Restarts: null,
  };
}
