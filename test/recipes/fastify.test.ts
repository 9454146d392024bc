import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { until } from '../support/until.ts';
import { isBackAfterCrash, isMendedByOneRestart, typoAtStartIsNamed } from './faults.ts';
import { RunningRecipe } from './running-recipe.ts';

describe('the recipe fastify', () => {
  let recipe: RunningRecipe;

  before(async () => {
    recipe = await RunningRecipe.start('fastify', 'api');
  });

  after(() => recipe?.end());

  test('too many requests that wait, and it says 503: restarted once, and back in time', async (context) => {
    await isMendedByOneRestart(recipe, context, 'wrong answers', async () => {
      for (let nth = 0; nth < 3; nth += 1) void recipe.page('/wait', 60_000);
      await until('it says 503', async () => (await recipe.page('/health')).status === 503);
      assert.equal((await recipe.page()).status, 200);
    });
  });

  test('hung: restarted once, and back in time', async (context) => {
    const pid = await recipe.pid();
    await isMendedByOneRestart(recipe, context, 'hang', () => process.kill(pid, 'SIGSTOP'));
  });

  test('killed: back by PM2 alone', (context) => isBackAfterCrash(recipe, context));

  test('restarted with a source that cannot be read: said so, and well when fixed', async (context) => {
    await typoAtStartIsNamed(recipe, context, {
      file: 'server.mjs',
      named: /its log says: SyntaxError/,
    });
  });
});
