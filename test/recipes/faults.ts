import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { holds } from '../support/until.ts';
import type { Fault } from './bounds.ts';
import type { RunningRecipe } from './running-recipe.ts';

/** Plays a fault of the given processes, which one restart of ours must fix in time. */
export async function isMendedByOneRestart(
  recipe: RunningRecipe,
  context: TestContext,
  fault: Fault,
  begin: () => unknown,
): Promise<void> {
  const [before, faulty, boundMs] = await Promise.all([
    recipe.restarts(),
    recipe.listeners(),
    recipe.boundMs(fault),
  ]);
  const beganAt = performance.now();
  await begin();
  const ms = await recipe.mended(beganAt, boundMs, faulty);
  context.diagnostic(`${fault}: back after ${Math.round(ms)} ms, bound ${Math.round(boundMs)} ms`);
  await recipe.healthy();
  assert.equal(await recipe.restarts(), before + 1);
}

/** Kills PM2's own process of the app, whose child runs on and keeps the port: the child is stopped. */
export async function leftOverIsEnded(recipe: RunningRecipe, context: TestContext): Promise<void> {
  const [wrapper, listeners] = [await recipe.pid(), await recipe.listeners()];
  const [orphan] = listeners;
  assert.ok(orphan !== undefined && orphan !== wrapper && listeners.length === 1);
  const boundMs = await recipe.boundMs('hang');
  const killedAt = performance.now();
  process.kill(wrapper, 'SIGKILL');
  const ms = await recipe.mended(killedAt, boundMs, [orphan]);
  context.diagnostic(`back after ${Math.round(ms)} ms, bound ${Math.round(boundMs)} ms`);
  await recipe.healthy();
  const said = await recipe.sandbox.output('pm2-liveness');
  assert.match(said, new RegExp(`${orphan}.*an old process of ${recipe.app}`));
  const pid = await recipe.pid();
  await holds('no loop', 3_000, async () => (await recipe.pid()) === pid);
}

/** While it holds, the app is healthy and nothing of ours restarts it. */
export async function isLeftAlone(recipe: RunningRecipe, forMs: number): Promise<void> {
  const [before, pid] = [await recipe.restarts(), await recipe.pid()];
  await holds(`${recipe.app} stays healthy, and is left alone`, forMs, async () => {
    const targets = await recipe.targets();
    const isWell = targets.length > 0 && targets.every(({ state }) => state === 'healthy');
    return isWell && (await recipe.restarts()) === before && (await recipe.pid()) === pid;
  });
}
