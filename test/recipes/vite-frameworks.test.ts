import { after, before, describe, test } from 'node:test';
import { isBackAfterCrash, isMendedByOneRestart, typoIsNamed } from './faults.ts';
import { RunningRecipe } from './running-recipe.ts';

for (const { name, file, from, to, named } of [
  {
    name: 'sveltekit',
    file: 'src/routes/+page.svelte',
    from: 'let { data }',
    to: 'let { data',
    named: /src\/routes\/\+page\.svelte:\d+/,
  },
  {
    name: 'react-router',
    file: 'app/home.jsx',
    from: '</h1>',
    to: '</h1',
    named: /app\/home\.jsx:\d+/,
  },
] as const) {
  describe(`the recipe ${name}`, () => {
    let recipe: RunningRecipe;

    before(async () => {
      recipe = await RunningRecipe.start(name, name);
    });

    after(() => recipe?.end());

    test('hung: restarted once, and back in time', async (context) => {
      const pid = await recipe.pid();
      await isMendedByOneRestart(recipe, context, 'hang', () => process.kill(pid, 'SIGSTOP'));
    });

    test('killed: back by PM2 alone', (context) => isBackAfterCrash(recipe, context));

    test('a page that does not compile is named, not restarted, and well when fixed', async (context) => {
      const change = (text: string): string => text.replace(from, to);
      await typoIsNamed(recipe, context, { file, change, named });
    });
  });
}
