import { after, before, describe, test } from 'node:test';
import { typoIsNamed } from './faults.ts';
import { RunningRecipe } from './running-recipe.ts';
import { killedIsBack, onlyItIsRestarted } from './several-apps.ts';

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

  test('its page killed: back by PM2 alone', (context) =>
    killedIsBack(recipe, context, { app: 'web', path: '/', port: recipe.port }));

  test('a source that does not compile is named, not restarted, and well when fixed', async (context) => {
    const change = (text: string): string => `${text}export const broken = (;\n`;
    await typoIsNamed(recipe, context, { file: 'apps/web/main.js', change, named: /main\.js/ });
  });
});
