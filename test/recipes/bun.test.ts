import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { until } from '../support/until.ts';
import { isBackAfterCrash, isMendedByOneRestart, typoAtStartIsNamed } from './faults.ts';
import { RunningRecipe } from './running-recipe.ts';

describe('the recipe bun', () => {
  let recipe: RunningRecipe;

  before(async () => {
    recipe = await RunningRecipe.start('bun', 'api');
  });

  after(() => recipe?.end());

  test('a computation that never ends: restarted once, and back in time', async (context) => {
    assert.equal((await recipe.page()).body, 'Bun under PM2');
    await isMendedByOneRestart(recipe, context, 'busy hang', async () => {
      void recipe.page('/primes?count=1e9', 60_000);
      await until('it no longer answers', async () => (await recipe.page('/', 500)).status === 0);
    });
  });

  test('killed: back by PM2 alone', (context) => isBackAfterCrash(recipe, context));

  test('restarted with a source that cannot be read: said so, and well when fixed', async (context) => {
    await typoAtStartIsNamed(recipe, context, { file: 'server.ts', named: /error/i });
  });
});
