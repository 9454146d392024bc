import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { tryClaim, type ClaimStore } from '../../src/leader/try-claim.ts';

/** One shared folder, many processes that stop between any two steps, die, and try again. */
class World {
  readonly claims = new Map<number, number>();
  readonly alive = new Set<number>();
  readonly leading = new Set<number>();
  #waiting: (() => void)[] = [];

  arena(id: number): ClaimStore {
    const paused = async <T>(look: () => T): Promise<T> => {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
      return look();
    };
    return {
      highest: () => paused(() => Math.max(0, ...this.claims.keys())),
      isAlive: (claimNumber) => paused(() => this.alive.has(this.claims.get(claimNumber) ?? -1)),
      claim: (claimNumber) =>
        paused(() => {
          if (this.claims.has(claimNumber)) return false;
          this.claims.set(claimNumber, id);
          return true;
        }),
    };
  }

  /** Lets one of those that wait take its step; false where none waits. */
  async step(choice: number): Promise<boolean> {
    const [chosen] = this.#waiting.splice(choice % Math.max(1, this.#waiting.length), 1);
    chosen?.();
    for (let i = 0; i < 5; i += 1) await Promise.resolve();
    return chosen !== undefined;
  }

  /** A holder that sweeps, as claims.ts does, with nothing kept beyond need. */
  sweep(held: number): void {
    for (const claimNumber of this.claims.keys()) {
      if (claimNumber < held) this.claims.delete(claimNumber);
    }
  }
}

async function play(choices: readonly number[]): Promise<{ most: number; ever: number }> {
  const world = new World();
  let most = 0;
  let ever = 0;
  let nextId = 0;
  const enter = (): void => {
    // Each try is a socket of its own: what lost is closed, what tries again is new.
    const id = (nextId += 1);
    world.alive.add(id);
    void tryClaim(world.arena(id)).then((claimNumber) => {
      if (claimNumber === null) {
        world.alive.delete(id);
        return enter();
      }
      ever += 1;
      world.leading.add(id);
      most = Math.max(most, world.leading.size);
      world.sweep(claimNumber);
      return undefined;
    });
  };
  for (let i = 0; i < 5; i += 1) enter();
  for (const choice of choices) {
    // Now and then the one who leads dies, and another process comes for it.
    const [leader] = world.leading;
    if (choice % 7 === 0 && leader !== undefined) {
      world.leading.delete(leader);
      world.alive.delete(leader);
      enter();
    }
    await world.step(Math.floor(choice / 7));
  }
  return { most, ever };
}

describe('claiming the lock', () => {
  test('never has two winners alive, in any order of steps and deaths', async () => {
    let changes = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(1_000), { minLength: 50, maxLength: 400 }),
        async (choices) => {
          const { most, ever } = await play(choices);
          assert.ok(most <= 1, `${most} led at once`);
          changes += ever;
        },
      ),
      { numRuns: 400 },
    );
    assert.ok(changes > 1_000, `only ${changes} changes of leadership were played`);
  });

  test('is lost to a live holder, and won from a dead one', async () => {
    const held = (alive: boolean): ClaimStore => {
      const claims = [3];
      return {
        highest: () => Promise.resolve(Math.max(...claims)),
        isAlive: () => Promise.resolve(alive),
        claim: (claimNumber) => Promise.resolve(claims.push(claimNumber) > 0),
      };
    };
    assert.equal(await tryClaim(held(true)), null);
    assert.equal(await tryClaim(held(false)), 4);
  });
});
