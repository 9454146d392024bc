import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { until } from '../support/until.ts';
import { isBackAfterCrash, isMendedByOneRestart, typoAtStartIsNamed } from './faults.ts';
import { RunningRecipe } from './running-recipe.ts';

describe('the recipe express', () => {
  let recipe: RunningRecipe;

  before(async () => {
    recipe = await RunningRecipe.start('express', 'api');
  });

  after(() => recipe?.end());

  test('a bad item has it answer 500: restarted once, and back in time', async (context) => {
    await isMendedByOneRestart(recipe, context, 'wrong answers', async () => {
      const headers = { 'content-type': 'application/json' };
      await fetch(recipe.url(), { method: 'POST', headers, body: '{}' });
      assert.equal((await recipe.page()).status, 500);
    });
  });

  test('a pattern that never ends makes it use much CPU: restarted once, and back in time', async (context) => {
    await isMendedByOneRestart(recipe, context, 'busy hang', async () => {
      const query = new URLSearchParams({ pattern: '(a+)+$', text: `${'a'.repeat(64)}!` });
      void recipe.page(`/search?${query.toString()}`, 60_000);
      await until('it no longer answers', async () => (await recipe.page('/', 500)).status === 0);
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
