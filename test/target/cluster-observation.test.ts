import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { observeCluster, type ClusterIncarnation } from '../../src/target/cluster-observation.ts';
import { observationOf, type Observation } from '../../src/target/observation.ts';
import { orderOf, policyFor } from '../../src/monitor/worker/order.ts';
import { readBlock } from '../../src/config/target-config.ts';
import type { Decision } from '../../src/verdict/decision.ts';
import type { ProcessStatus } from '../../src/verdict/process.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { managed } from '../support/fake-pm2.ts';

const clock = new FakeClock();

/** A member in some state; `incarnation` is its pid and the order in which they began. */
function member(pmId: number, incarnation: number, status: ProcessStatus = 'online'): Observation {
  const startedAt = clock.wallTime - 1_000_000 + incarnation;
  const process = managed({ pmId, pid: incarnation, startedAt, isCluster: true });
  const observation = observationOf(process, clock);
  return status === 'online'
    ? observation
    : { ...observation, status, pid: 0, incarnation: null, ageMs: 0 };
}

/** What becomes of the incarnation while these lists are seen one after the other. */
function incarnations(...lists: Observation[][]): (string | null)[] {
  let incarnation: ClusterIncarnation | null = null;
  return lists.map((members) => {
    const seen = observeCluster(members, incarnation);
    incarnation = seen.incarnation;
    return seen.observation.incarnation;
  });
}

/** How often it changed. */
function changes(seen: readonly (string | null)[]): number {
  return seen.filter((each, nth) => nth > 0 && each !== seen[nth - 1]).length;
}

const NOTHING = { lives: [], graceMs: 0 };

describe('the status of a group', () => {
  const cases: [ProcessStatus[], ProcessStatus, number][] = [
    [['online', 'online', 'online'], 'online', 0],
    [['errored', 'stopped', 'online'], 'online', 2],
    [['transit', 'online', 'transit'], 'online', 1],
    [['stopped', 'transit', 'errored'], 'transit', 1],
    [['stopped', 'errored', 'errored'], 'errored', 1],
    [['errored', 'errored', 'errored'], 'errored', 0],
    [['stopped', 'stopped', 'stopped'], 'stopped', 0],
  ];
  for (const [statuses, status, pmId] of cases) {
    test(`${statuses.join(', ')}: ${status}, shown as ${pmId}`, () => {
      const members = statuses.map((each, id) => member(id, 10 + id, each));
      const { observation } = observeCluster(members, null);
      assert.deepEqual([observation.status, observation.pmId], [status, pmId]);
      assert.equal(observation.pid, status === 'online' ? 10 + pmId : 0);
    });
  }
});

describe('the incarnation of a group', () => {
  test('of one process is that of the process', () => {
    const alone = member(0, 1);
    assert.deepEqual(incarnations([alone]), [alone.incarnation]);
  });

  test('continues while PM2 starts one member again and again, the first or the last', () => {
    for (const looping of [0, 2]) {
      const lists = [1, 2, 3, 4].map((nth) =>
        [0, 1, 2].map((id) => (id === looping ? member(id, nth * 10) : member(id, id + 1))),
      );
      assert.equal(changes(incarnations(...lists)), 0, `member ${looping}`);
    }
  });

  test('continues while it is scaled up and down', () => {
    const seen = incarnations(
      [member(0, 1), member(1, 2)],
      [member(0, 1), member(1, 2), member(2, 3)],
      [member(1, 2), member(2, 3)],
    );
    assert.equal(changes(seen), 0);
  });

  test('is a new one when a rolling reload has replaced the last of them, and not before', () => {
    const seen = incarnations(
      [member(0, 1), member(1, 2), member(2, 3)],
      [member(0, 11), member(1, 2), member(2, 3)],
      [member(0, 11), member(1, 12), member(2, 3)],
      [member(0, 11), member(1, 12), member(2, 13)],
      [member(0, 21), member(1, 12), member(2, 13)],
    );
    assert.deepEqual(
      seen.map((each) => each === seen[0]),
      [true, true, true, false, false],
    );
    assert.equal(changes(seen), 1);
  });

  test('is a new one with every incarnation, when all of them crash again and again', () => {
    const seen = incarnations(
      [member(0, 1), member(1, 2)],
      [member(0, 1, 'transit'), member(1, 12)],
      [member(0, 21), member(1, 22)],
    );
    assert.equal(new Set(seen).size, 3);
  });

  test('is the old one come back after a moment in which none was online', () => {
    const [first, between, again] = incarnations(
      [member(0, 1), member(1, 2)],
      [member(0, 1, 'transit'), member(1, 2, 'transit')],
      [member(0, 1, 'transit'), member(1, 2)],
    );
    assert.equal(between, null);
    assert.equal(again, first);
  });

  test('has the age of its oldest member: a young one gives no new start-up time', () => {
    const { observation } = observeCluster([member(0, 999_000), member(1, 1)], null);
    assert.equal(observation.ageMs, 999_999);
    assert.equal(observation.startedAt, clock.wallTime - 999_999);
  });
});

describe('an order for a group', () => {
  const decision: Extract<Decision, { type: 'restart' }> = {
    type: 'restart',
    method: 'reload',
    incarnation: 'the name of the group',
    failure: null,
    trial: false,
    endsOrphan: false,
    attempt: 1,
  };

  test('names each incarnation that is online, and leaves alone who is stopped or under way', () => {
    const members = [
      member(0, 1),
      member(1, 2, 'stopped'),
      member(2, 3),
      member(3, 4, 'transit'),
      member(4, 5, 'errored'),
    ];
    const order = orderOf(observeCluster(members, null).observation, decision, NOTHING);
    assert.deepEqual(
      order.members?.map(({ pmId, incarnation }) => [pmId, incarnation]),
      [
        [0, members[0]?.incarnation],
        [2, members[2]?.incarnation],
      ],
    );
  });

  test('whose group has shrunk to one names that one’s own incarnation', () => {
    const { incarnation } = observeCluster([member(0, 1), member(1, 2)], null);
    const left = member(1, 2);
    const order = orderOf(observeCluster([left], incarnation).observation, decision, NOTHING);
    assert.deepEqual(
      [order.pmId, order.incarnation, order.members],
      [1, left.incarnation, undefined],
    );
  });

  test('of a trial names those that PM2 gave up, and none that the operator stopped', () => {
    const members = [member(0, 1, 'errored'), member(1, 2, 'stopped'), member(2, 3, 'errored')];
    const trial = { ...decision, method: 'restart', incarnation: null, trial: true } as const;
    const order = orderOf(observeCluster(members, null).observation, trial, NOTHING);
    assert.deepEqual(order.members, [
      { pmId: 0, incarnation: null },
      { pmId: 2, incarnation: null },
    ]);
  });
});

test('in cluster mode the first restart is a reload, unless the action is to observe', () => {
  const actionOf = (action: string, isCluster: boolean): string => {
    const read = readBlock({ tcp: '127.0.0.1:1', action }, {});
    assert.ok(read.ok);
    return policyFor(read.config, { ...member(0, 1), isCluster }).action;
  };
  assert.equal(actionOf('restart', true), 'reload');
  assert.equal(actionOf('restart', false), 'restart');
  assert.equal(actionOf('observe', true), 'observe');
});
