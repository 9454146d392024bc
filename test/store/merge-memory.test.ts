import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { AppMemory } from '../../src/store/app-memory.ts';
import type { KeptUptime } from '../../src/store/kept-uptime.ts';
import { mergeMemory, type OperatorCommand } from '../../src/store/merge-memory.ts';
import {
  addIncident,
  addRestart,
  enterState,
  figuresOf,
  unknownUptime,
} from '../../src/uptime/figures.ts';
import { memoryOf } from './memory-of.ts';

const NOW = 100_000;

/** What an earlier monitor kept: two restarts, an open breaker, an incident, ten seconds up. */
const KEPT: AppMemory = {
  memory: {
    budget: [-70_000, -60_000],
    backoff: { restarts: 2, delayMs: 4_000, notBefore: -56_000, seed: 7 },
    restartsSinceOk: 2,
    cooldownMs: 60_000,
    needsDeep: true,
  },
  openUntil: 150_000,
  pausedUntil: 200_000,
  incident: {
    openedAt: -80_000,
    detectedAt: -75_000,
    cause: 'timeout',
    detail: 'old',
    restarts: 2,
  },
  answered: null,
  provenBlock: null,
  certificateReported: null,
  uptime: uptimeUntil(-50_000),
  pm2Restarts: null,
};

/** Up for ten seconds, and unseen since `savedAt`, as a file is read. */
function uptimeUntil(savedAt: number): KeptUptime {
  const up = enterState(unknownUptime(savedAt - 20_000), 'up', savedAt - 10_000);
  return enterState(addIncident(up, savedAt - 5_000), 'unseen', savedAt);
}

/** A monitor that began at 90 s without a memory, one restart at 95 s. */
function since(changes: Partial<AppMemory> = {}): AppMemory {
  return {
    ...memoryOf([95_000]),
    openUntil: null,
    pausedUntil: null,
    incident: null,
    answered: null,
    provenBlock: null,
    certificateReported: null,
    uptime: addRestart(enterState(unknownUptime(90_000), 'down', 92_000), 95_000),
    ...changes,
  };
}

function merge(changes: Partial<AppMemory> = {}, ...commands: OperatorCommand[]): AppMemory {
  return mergeMemory(KEPT, since(changes), new Set(commands), NOW);
}

describe('a memory that is read late, and what came since', () => {
  test('spend one budget, in the order of time', () => {
    assert.deepEqual(merge().memory.budget, [-70_000, -60_000, 95_000]);
    fc.assert(
      fc.property(fc.array(fc.nat(90_000)), fc.array(fc.nat(9_000)), (before, after) => {
        const kept = memoryOf(before.sort((a, b) => a - b));
        const put = memoryOf(after.map((ms) => 90_000 + ms).sort((a, b) => a - b));
        const { budget } = mergeMemory(kept, put, new Set(), NOW).memory;
        assert.deepEqual(budget, [...kept.memory.budget, ...put.memory.budget].slice(-200));
      }),
    );
  });

  test('wait as long as the stricter of the two', () => {
    const { memory } = since();
    const later = {
      ...memory,
      backoff: { restarts: 1, delayMs: 9_000, notBefore: 104_000, seed: 3 },
    };
    assert.deepEqual(merge({ memory: later }).memory.backoff, {
      restarts: 2,
      delayMs: 9_000,
      notBefore: 104_000,
      seed: 3,
    });
  });

  test('keep the breaker open, unless the app has answered well since', () => {
    const still = merge();
    assert.deepEqual([still.openUntil, still.memory.cooldownMs], [150_000, 60_000]);
    assert.equal(still.memory.restartsSinceOk, 2 + since().memory.restartsSinceOk);
    assert.equal(still.memory.needsDeep, true);
    const wasUp = enterState(enterState(unknownUptime(90_000), 'up', 91_000), 'down', 92_000);
    for (const well of [merge({ answered: '1:2:3' }), merge({ uptime: wasUp })]) {
      assert.deepEqual([well.openUntil, well.memory.cooldownMs], [null, since().memory.cooldownMs]);
      assert.equal(well.memory.restartsSinceOk, since().memory.restartsSinceOk);
      assert.equal(well.memory.needsDeep, false);
    }
  });

  test('keep the pause of the operator, unless a newer command says otherwise', () => {
    assert.equal(merge().pausedUntil, 200_000);
    assert.equal(merge({ pausedUntil: 120_000 }, 'pause').pausedUntil, 120_000);
    assert.equal(merge({}, 'resume').pausedUntil, null);
    // One that was given since, and ended.
    assert.equal(merge({}, 'pause').pausedUntil, null);
    assert.equal(
      mergeMemory({ ...KEPT, pausedUntil: NOW }, since(), new Set(), NOW).pausedUntil,
      null,
    );
  });

  test('forget what was spent where the operator has reset the app since, and nothing else', () => {
    const { memory, openUntil, pausedUntil, incident } = merge({}, 'reset');
    assert.deepEqual([memory, openUntil], [since().memory, null]);
    assert.equal(pausedUntil, 200_000);
    assert.deepEqual(incident, KEPT.incident);
  });

  test('have one incident, which began with the earlier one', () => {
    assert.deepEqual(merge().incident, KEPT.incident);
    const refused = {
      openedAt: 92_000,
      detectedAt: 93_000,
      cause: 'refused',
      detail: 'new',
      restarts: 1,
    };
    const one = { openedAt: -80_000, detectedAt: -75_000, restarts: 3 };
    assert.deepEqual(merge({ incident: refused }).incident, { ...refused, ...one });
    const flapping = { ...refused, cause: 'flapping' };
    assert.deepEqual(merge({ incident: flapping }).incident, { ...KEPT.incident, ...one });
  });

  test('have the time between unseen', () => {
    const { uptime } = merge();
    assert.ok(uptime);
    const { observedMs, downMs, incidents, restarts } = figuresOf(uptime, 7 * 86_400_000, NOW);
    assert.deepEqual(
      { observedMs, downMs, incidents, restarts },
      {
        observedMs: 10_000 + 8_000,
        downMs: 8_000,
        incidents: 1,
        restarts: 1,
      },
    );
    const unseen = merge({ uptime: unknownUptime(90_000) }).uptime;
    assert.ok(unseen);
    assert.deepEqual([unseen.standing, unseen.since], ['unseen', -50_000]);
    assert.deepEqual(merge({ uptime: null }).uptime, KEPT.uptime);
  });
});
