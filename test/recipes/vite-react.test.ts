import { after, before, describe, test } from 'node:test';
import { isBackAfterCrash, isMendedByOneRestart, typoIsNamed } from './faults.ts';
import { RunningRecipe } from './running-recipe.ts';

describe('the recipe vite-react', () => {
  let recipe: RunningRecipe;

  before(async () => {
    recipe = await RunningRecipe.start('vite-react', 'web');
  });

  after(() => recipe?.end());

  test('hung: restarted once, and back in time', async (context) => {
    const pid = await recipe.pid();
    await isMendedByOneRestart(recipe, context, 'hang', () => process.kill(pid, 'SIGSTOP'));
  });

  test('killed: back by PM2 alone', (context) => isBackAfterCrash(recipe, context));

  test('a source that does not compile is named, not restarted, and well when fixed', async (context) => {
    await typoIsNamed(recipe, context, {
      file: 'src/App.jsx',
      change: (text) => `${text}export const broken = (;\n`,
      named: /src\/App\.jsx/,
    });
  });
});
