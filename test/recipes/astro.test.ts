import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { holds } from '../support/until.ts';
import { isMendedByOneRestart } from './faults.ts';
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
    test(`${what} that is broken is reported, not restarted, and well when fixed`, async () => {
      const before = await recipe.restarts();
      const mend = await recipe.edit(file, (text) => text.replace(from, to));
      // An incarnation begins with a deep check; this one would get its next within a minute.
      await recipe.sandbox.pm2('restart', recipe.app);
      const { summary, last } = await recipe.sandbox.reaches(recipe.app, 'degraded', 40_000);
      assert.equal(last?.class, 'source');
      assert.match(summary, named);
      await holds('it is left alone', 4_000, async () => (await recipe.restarts()) === before);
      await mend();
      await recipe.healthy();
      assert.equal(await recipe.restarts(), before);
      assert.equal((await recipe.page()).status, 200);
    });
  }
});
