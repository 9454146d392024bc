import { connect } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { until } from '../support/until.ts';
import { isBackAfterCrash, isMendedByOneRestart, typoAtStartIsNamed } from './faults.ts';
import { RunningRecipe } from './running-recipe.ts';

describe('the recipe python', () => {
  let recipe: RunningRecipe;

  before(async () => {
    recipe = await RunningRecipe.start('python', 'python');
  });

  after(() => recipe?.end());

  test('hung by a client that says nothing: restarted once, and back in time', async (context) => {
    const client = connect(recipe.port, '127.0.0.1').on('error', () => undefined);
    try {
      await isMendedByOneRestart(recipe, context, 'hang', () =>
        until('it no longer answers', async () => (await recipe.page('/', 500)).status === 0),
      );
    } finally {
      client.destroy();
    }
  });

  test('killed: back by PM2 alone', (context) => isBackAfterCrash(recipe, context));

  test('restarted with a source that cannot be read: said so, and well when fixed', async (context) => {
    await typoAtStartIsNamed(recipe, context, { file: 'server.py', named: /error/i });
  });
});
