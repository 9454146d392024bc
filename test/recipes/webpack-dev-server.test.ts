import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { until } from '../support/until.ts';
import { isBackAfterCrash, isLeftAlone, isMendedByOneRestart, isWellAfter } from './faults.ts';
import { RunningRecipe } from './running-recipe.ts';

describe('the recipe webpack-dev-server', () => {
  let recipe: RunningRecipe;

  before(async () => {
    recipe = await RunningRecipe.start('webpack-dev-server', 'webpack');
  });

  after(() => recipe?.end());

  function bundleHolds(text: string): Promise<boolean> {
    return until(`the bundle holds ${text}`, async () => {
      return (await recipe.page('/main.js')).body.includes(text);
    });
  }

  test('a source that does not compile is shown in the browser, and not restarted', async (context) => {
    const repair = await recipe.edit(
      'src/greeting.js',
      (text) => `${text}export const broken = (;`,
    );
    await bundleHolds('Module parse failed');
    assert.equal((await recipe.page()).status, 200);
    await isLeftAlone(recipe, 6_000);
    const again = async (): Promise<void> => {
      await repair();
      // What the source itself says: a server that does not answer has no error in its bundle either.
      await until('the bundle is well', async () => {
        const { status, body } = await recipe.page('/main.js');
        const isWell = body.includes('webpack under PM2') && !body.includes('Module parse failed');
        return status === 200 && isWell;
      });
    };
    const seen = 'well: the error is on the page';
    await isWellAfter(recipe, context, { repair: again, before: 0, seen });
  });

  test('hung: restarted once, and back in time', async (context) => {
    const pid = await recipe.pid();
    await isMendedByOneRestart(recipe, context, 'hang', () => process.kill(pid, 'SIGSTOP'));
  });

  test('killed: back by PM2 alone', (context) => isBackAfterCrash(recipe, context));
});
