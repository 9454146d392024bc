import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { until } from '../support/until.ts';
import { isBackAfterCrash, isLeftAlone, isMendedByOneRestart, isWellAfter } from './faults.ts';
import { RunningRecipe } from './running-recipe.ts';

describe('the recipe nestjs', () => {
  let recipe: RunningRecipe;

  before(async () => {
    recipe = await RunningRecipe.start('nestjs', 'nest');
  });

  after(() => recipe?.end());

  test('a source that does not compile: the last good API runs on, and is not restarted', async (context) => {
    const file = 'src/app.controller.ts';
    const repair = await recipe.edit(file, (text) =>
      text.replace('page(): string', 'page(: string'),
    );
    const said = (): Promise<string> => recipe.sandbox.output(recipe.app);
    await until('Nest says so', async () => /Found [1-9]\d* error/.test(await said()));
    await isLeftAlone(recipe, 4_000);
    const old = await recipe.listeners();
    const again = async (): Promise<void> => {
      await repair();
      // Nest compiles for seconds, and only then stops the last good API.
      await recipe.mended(performance.now(), 30_000, old);
    };
    const seen = 'well: the last good API runs on';
    await isWellAfter(recipe, context, { repair: again, before: 0, seen });
  });

  test('its API, a child of what PM2 runs, hung: restarted once, and back in time', async (context) => {
    const [api] = await recipe.listeners();
    assert.ok(api !== undefined && api !== (await recipe.pid()));
    await isMendedByOneRestart(recipe, context, 'hang', () => process.kill(api, 'SIGSTOP'));
  });

  test('its API killed, for which Nest waits until a file is saved: restarted once', (context) =>
    isBackAfterCrash(recipe, context, 1));
});
