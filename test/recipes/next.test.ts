import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { holds, until } from '../support/until.ts';
import { isBackAfterCrash, isMendedByOneRestart, isWellAfter, leftOverIsEnded } from './faults.ts';
import { RunningRecipe } from './running-recipe.ts';

describe('the recipe next', () => {
  let recipe: RunningRecipe;

  before(async () => {
    recipe = await RunningRecipe.start('next', 'next');
  });

  after(async () => {
    console.log((await recipe?.sandbox.linesAbout('next'))?.join('\n'));
    await recipe?.end();
  });

  /** The page as it is once Next has seen a change. */
  function pageBecomes(status: number): Promise<boolean> {
    const isSo = async (): Promise<boolean> => (await recipe.page()).status === status;
    // It compiles the page again, on a machine that may have other work.
    return until(`the page answers ${status}`, isSo, { withinMs: 60_000 });
  }

  test('a source that does not compile is reported with its file, and not restarted', async (context) => {
    const fix = await recipe.edit('app/page.jsx', (text) => `${text}export const broken = (;\n`);
    await pageBecomes(500);
    // Next answers 500 everywhere, also where the recipe asks.
    assert.equal((await recipe.page('/health')).status, 500);
    const { summary, last } = await recipe.sandbox.reaches(recipe.app, 'degraded', 40_000);
    assert.equal(last?.class, 'source');
    assert.match(summary, /app\/page\.jsx:\d+:\d+ /);
    await holds('it is left alone', 6_000, async () => (await recipe.restarts()) === 0);
    const repair = async (): Promise<void> => {
      await fix();
      await pageBecomes(200);
    };
    await isWellAfter(recipe, context, { repair, before: 0, seen: 'source (app/page.jsx)' });
  });

  test('its server, a child of what PM2 runs, hung: restarted once, and back in time', async (context) => {
    const [server] = await recipe.listeners();
    assert.ok(server !== undefined && server !== (await recipe.pid()));
    await isMendedByOneRestart(recipe, context, 'hang', () => process.kill(server, 'SIGSTOP'));
  });

  test('its server killed: restarted once, because the program that PM2 runs goes on', (context) =>
    isBackAfterCrash(recipe, context, 1));

  test('what PM2 runs killed: the orphaned server is stopped', async (context) => {
    await leftOverIsEnded(recipe, context);
  });
});
