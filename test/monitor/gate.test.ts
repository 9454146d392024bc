import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Gate, ROUNDS_A_TURN } from '../../src/monitor/gate.ts';
import { FakeClock } from '../support/fake-clock.ts';

/** A gate, the rounds that it lets begin, and its reports. */
function gated(): {
  clock: FakeClock;
  gate: Gate;
  begun: number[];
  told: (string | null)[];
  come: (who: number) => void;
} {
  const clock = new FakeClock();
  const told: (string | null)[] = [];
  const gate = new Gate(
    () => clock.now(),
    (trouble) => told.push(trouble),
  );
  const begun: number[] = [];
  const come = (who: number): void => {
    const turn = gate.enter();
    if (turn === null) begun.push(who);
    else void turn.then(() => begun.push(who));
  };
  return { clock, gate, begun, told, come };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('the gate', () => {
  test('lets each begin at once while there are few', () => {
    const { gate, clock } = gated();
    for (let second = 0; second < 100; second += 1) {
      assert.equal(gate.enter(), null);
      clock.monotonic += 1;
    }
  });

  test('lets five thousand in that come at once a few in each turn, in their order', async () => {
    const { begun, come } = gated();
    const all = Array.from({ length: 5_000 }, (_, who) => who);
    for (const who of all) come(who);
    let turns = 0;
    for (let before = 0; begun.length < all.length; turns += 1) {
      assert.ok(begun.length - before <= ROUNDS_A_TURN, `${begun.length - before} in one turn`);
      before = begun.length;
      await turn();
    }
    assert.ok(turns >= all.length / ROUNDS_A_TURN - 1, `all within ${turns} turns`);
    assert.deepEqual(begun, all);
  });

  test('does not let in who comes later before who waits', async () => {
    const { begun, come } = gated();
    for (let who = 0; who < 2 * ROUNDS_A_TURN; who += 1) come(who);
    come(-1);
    while (begun.length <= 2 * ROUNDS_A_TURN) await turn();
    assert.equal(begun.at(-1), -1);
  });

  test('reports a queue that never gets short, and its end', async () => {
    const { clock, gate, told, come } = gated();
    let who = 0;
    for (let second = 0; second < 12; second += 1) {
      for (let more = 0; more < 4 * ROUNDS_A_TURN; more += 1) come((who += 1));
      await clock.pass(1_000);
    }
    assert.equal(told.length, 1);
    assert.match(
      gate.trouble ?? '',
      /^more apps than this machine can probe in time: each is probed .*s later/,
    );
    for (let left = 0; left < 100; left += 1) await turn();
    await clock.pass(59_000);
    assert.equal(gate.enter(), null);
    assert.notEqual(gate.trouble, null);
    await clock.pass(10_000);
    assert.equal(gate.enter(), null);
    assert.deepEqual(told.at(-1), null);
    assert.equal(gate.trouble, null);
  });

  test('calls a burst no overload', async () => {
    const { clock, told, come } = gated();
    for (let second = 0; second < 60; second += 1) {
      for (let who = 0; who < 10 * ROUNDS_A_TURN; who += 1) come(who);
      for (let left = 0; left < 20; left += 1) await turn();
      await clock.pass(1_000);
    }
    assert.deepEqual(told, []);
  });
});
