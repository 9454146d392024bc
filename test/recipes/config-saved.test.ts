import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { holds, until } from '../support/until.ts';
import { RunningRecipe } from './running-recipe.ts';

/** A dev server, and the configuration for which it starts itself again. */
const SERVERS = [
  { recipe: 'vite-react', app: 'web', config: 'vite.config.mjs', isLong: false },
  { recipe: 'sveltekit', app: 'sveltekit', config: 'vite.config.js', isLong: true },
  { recipe: 'react-router', app: 'react-router', config: 'vite.config.js', isLong: true },
  { recipe: 'astro', app: 'astro', config: 'astro.config.mjs', isLong: true },
  { recipe: 'next', app: 'next', config: 'next.config.mjs', isLong: false },
] as const;

/** The five take five minutes. */
const isWhole = process.env['RECIPES_LARGE'] === '1';

const SAVES = 40;
const SAVES_APART_MS = 100;

for (const { recipe: name, app, config, isLong } of SERVERS) {
  const skip = isLong && !isWhole && 'played with --large';
  describe(
    `the recipe ${name}, which starts itself again when ${config} is saved`,
    { skip },
    () => {
      let recipe: RunningRecipe;

      before(async () => {
        recipe = await RunningRecipe.start(name, app);
      });

      after(async () => {
        console.log((await recipe?.sandbox.linesAbout(app))?.join('\n'));
        await recipe?.end();
      });

      for (const saves of [1, SAVES]) {
        test(`saved ${saves} times, ${SAVES_APART_MS} ms apart: nothing is restarted`, async () => {
          const { pid } = await recipe.sandbox.app(app);
          for (let save = 1; save <= saves; save += 1) {
            await recipe.edit(config, (text) => `// saved ${save}\n${text}`);
            await sleep(SAVES_APART_MS);
          }
          await holds('it is left alone', 15_000, async () => (await recipe.restarts()) === 0);
          await recipe.healthy(1, 120_000);
          assert.equal(await recipe.restarts(), 0);
          assert.equal((await recipe.sandbox.app(app)).pid, pid);
          // It may be at its next start of its own, and compiles the page when it is asked for.
          await until('the page is back', async () => (await recipe.page()).status === 200, {
            withinMs: 120_000,
          });
          assert.equal(await recipe.restarts(), 0);
        });
      }
    },
  );
}
