import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { holds, until } from '../support/until.ts';
import { seenAtRestart } from './faults.ts';
import { keepFigure } from './figures.ts';
import { RunningRecipe } from './running-recipe.ts';

describe('the recipe cluster', () => {
  let recipe: RunningRecipe;

  before(async () => {
    recipe = await RunningRecipe.start('cluster', 'cluster');
  });

  after(async () => {
    console.log((await recipe?.sandbox.linesAbout('cluster'))?.join('\n'));
    await recipe?.end();
  });

  async function pids(): Promise<number[]> {
    return (await recipe.instances()).map(({ pid }) => pid);
  }

  test('one instance killed: PM2 starts it again, and nothing of ours is restarted', async () => {
    const [first, second] = await pids();
    assert.ok(first !== undefined && second !== undefined);
    const killedAt = performance.now();
    process.kill(first, 'SIGKILL');
    await until('there are two again', async () => {
      const now = await pids();
      return (
        now.length === 2 &&
        now.includes(second) &&
        now.every((pid) => pid > 0) &&
        !now.includes(first)
      );
    });
    const ms = performance.now() - killedAt;
    await holds('it is left alone', 3_000, async () => {
      return (await recipe.restarts()) === 0 && (await recipe.page()).status === 200;
    });
    await keepFigure({ recipe: 'cluster', fault: 'crash', seen: 'crash', restarts: 0, ms });
  });

  test('both hung: reloaded once, one after the other, and back in time', async (context) => {
    const hung = await pids();
    const boundMs = await recipe.boundMs('hang');
    const hungAt = performance.now();
    for (const pid of hung) process.kill(pid, 'SIGSTOP');
    // PM2 waits 3 s for each that does not say that it listens.
    await until(
      'another process answers 200',
      async () => {
        const { status, body } = await recipe.page();
        return status === 200 && !hung.some((pid) => body.endsWith(` ${pid}`));
      },
      { withinMs: boundMs + 3_000 },
    );
    const ms = performance.now() - hungAt;
    context.diagnostic(`back after ${Math.round(ms)} ms`);
    await until('both are new', async () => (await pids()).every((pid) => !hung.includes(pid)));
    await recipe.healthy();
    assert.equal(await recipe.restarts(), 1);
    const said = await until('the reload is done', async () => {
      const text = await recipe.sandbox.output('pm2-liveness');
      return /cluster: reloaded \d/.test(text) && text;
    });
    assert.match(said, /^\S+ cluster: reloaded 2 of 2 instances$/m);
    const seen = await seenAtRestart(recipe);
    await keepFigure({ recipe: 'cluster', fault: 'hang', seen, restarts: 1, ms });
  });
});
