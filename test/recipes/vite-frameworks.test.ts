import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { holds } from '../support/until.ts';
import { isMendedByOneRestart } from './faults.ts';
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

    test('a page that does not compile is named, not restarted, and well when fixed', async () => {
      const before = await recipe.restarts();
      const repair = await recipe.edit(file, (text) => text.replace(from, to));
      // An incarnation begins with a deep check; this one would get its next within a minute.
      await recipe.sandbox.pm2('restart', recipe.app);
      const { summary, last } = await recipe.sandbox.reaches(recipe.app, 'degraded', 40_000);
      assert.equal(last?.class, 'source');
      assert.match(summary, named);
      await holds('it is left alone', 4_000, async () => (await recipe.restarts()) === before);
      await repair();
      await recipe.healthy();
      assert.equal(await recipe.restarts(), before);
      assert.equal((await recipe.page()).status, 200);
    });
  });
}
