import { after, before, describe, test } from 'node:test';
import { RunningRecipe } from './running-recipe.ts';
import { onlyItIsRestarted } from './several-apps.ts';

describe('the recipe monorepo', () => {
  let recipe: RunningRecipe;

  before(async () => {
    recipe = await RunningRecipe.start('monorepo', 'web', { ports: 2 });
    await recipe.sandbox.reaches('api', 'healthy');
  });

  after(() => recipe?.end());

  test('its API hung: it alone is restarted, and the page reaches it again', async (context) => {
    await onlyItIsRestarted(recipe, context, { app: 'api', path: '/api/', port: recipe.port });
  });

  test('its page hung: it alone is restarted', async (context) => {
    await onlyItIsRestarted(recipe, context, { app: 'web', path: '/', port: recipe.port });
  });
});
