import { after, before, describe, test } from 'node:test';
import { isBackAfterCrash, isMendedByOneRestart, typoIsNamed } from './faults.ts';
import { RunningRecipe } from './running-recipe.ts';

describe('the recipe astro', () => {
  let recipe: RunningRecipe;

  before(async () => {
    recipe = await RunningRecipe.start('astro', 'astro');
  });

  after(() => recipe?.end());

  test('hung: restarted once, and back in time', async (context) => {
    const pid = await recipe.pid();
    await isMendedByOneRestart(recipe, context, 'hang', () => process.kill(pid, 'SIGSTOP'));
  });

  test('killed: back by PM2 alone', (context) => isBackAfterCrash(recipe, context));

  for (const [what, file, from, to, named] of [
    [
      'a page',
      'src/pages/index.astro',
      'const title =',
      'const title = nothing +',
      /ReferenceError/,
    ],
    ['a script of a page', 'src/count.js', /$/, 'export const broken = (;\n', /src\/count\.js/],
  ] as const) {
    test(`${what} that is broken is reported, not restarted, and well when fixed`, async (context) => {
      const change = (text: string): string => text.replace(from, to);
      await typoIsNamed(recipe, context, { file, change, named });
    });
  }
});
