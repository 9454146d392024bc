import { after, before, describe, test } from 'node:test';
import { isBackAfterCrash, isMendedByOneRestart, leftOverIsEnded, typoIsNamed } from './faults.ts';
import { RunningRecipe } from './running-recipe.ts';

for (const wrapper of ['npm', 'pnpm'] as const) {
  describe(`the recipe ${wrapper}`, () => {
    let recipe: RunningRecipe;

    before(async () => {
      recipe = await RunningRecipe.start(wrapper, 'web');
    });

    after(() => recipe?.end());

    test(`${wrapper} killed: the orphaned Vite is stopped, and the page is back`, async (context) => {
      await leftOverIsEnded(recipe, context);
    });

    test('Vite hung behind it: restarted once, and back in time', async (context) => {
      const [vite] = await recipe.listeners();
      await isMendedByOneRestart(recipe, context, 'hang', () => process.kill(vite ?? 0, 'SIGSTOP'));
    });

    test(`Vite killed: ${wrapper} ends too, and PM2 starts both`, (context) =>
      isBackAfterCrash(recipe, context));

    test('a source that does not compile is named, not restarted, and well when fixed', async (context) => {
      const change = (text: string): string => `${text}export const broken = (;\n`;
      await typoIsNamed(recipe, context, { file: 'src/main.js', change, named: /src\/main\.js/ });
    });
  });
}
