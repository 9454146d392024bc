import fc from 'fast-check';
import type { AppMemory } from '../../src/store/app-memory.ts';

const DAY_MS = 86_400_000;

/** Any memory a verdict can have at the monotonic time `now`. */
export function anyMemory(now: number): fc.Arbitrary<AppMemory> {
  const past = fc.double({ min: now - 7 * DAY_MS, max: now, noNaN: true });
  const end = fc.double({ min: now - DAY_MS, max: now + DAY_MS, noNaN: true });
  return fc.record({
    memory: fc.record({
      budget: fc.array(past, { maxLength: 100 }).map((times) => times.sort((a, b) => a - b)),
      backoff: fc
        .record({
          restarts: fc.nat(50),
          delayMs: fc.double({ min: 0, max: 300_000, noNaN: true }),
          seed: fc.integer(),
          sinceMs: fc.double({ min: 0, max: 600_000, noNaN: true }),
        })
        .map(({ sinceMs, ...rest }) => ({
          ...rest,
          notBefore: rest.restarts === 0 ? Number.NEGATIVE_INFINITY : now - sinceMs + rest.delayMs,
        })),
      restartsSinceOk: fc.nat(10),
      cooldownMs: fc.option(fc.nat(7_200_000)),
      needsDeep: fc.boolean(),
    }),
    openUntil: fc.option(end),
    pausedUntil: fc.option(fc.oneof(end, fc.constant(Number.POSITIVE_INFINITY))),
    incident: fc.option(
      fc.record({
        openedAt: past,
        detectedAt: past,
        cause: fc.constantFrom('timeout', 'errored', 'startup'),
        detail: fc.string({ maxLength: 50 }),
        restarts: fc.nat(10),
      }),
    ),
    answered: fc.option(fc.constant('0:100:1700000000000')),
    provenBlock: fc.option(fc.constant('0123456789abcdef')),
    certificateReported: fc.option(fc.constant('1800000000000 7')),
    uptime: fc.constant(null),
    pm2Restarts: fc.option(
      fc.record({
        seen: fc.constant([{ pmId: 3, startedAt: 1_700_000_000_000, restarts: 4 }]),
        last: fc.array(
          fc.record({
            pmId: fc.nat(9),
            at: fc.integer({ min: 1_600_000_000_000, max: 1_700_000_000_000 }),
            cause: fc.constantFrom('crash', 'watch', 'unseen'),
            detail: fc.string({ maxLength: 50 }),
            count: fc.integer({ min: 1, max: 9 }),
          }),
          { maxLength: 20 },
        ),
      }),
    ),
  });
}
