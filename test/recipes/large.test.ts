import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { holds } from '../support/until.ts';
import { isLeftAlone, isMendedByOneRestart } from './faults.ts';
import { packagesOf } from './recipe-copy.ts';
import { RunningRecipe } from './running-recipe.ts';

/** A recipe whose packages are hundreds of megabytes of its own, and what it does with a typo. */
interface Large {
  readonly name: 'nuxt' | 'angular' | 'storybook';
  readonly file: string;
  readonly from: string;
  readonly to: string;
  /** What `status` shows for the typo; null where the dev server stays well, and shows it in the browser. */
  readonly named: RegExp | null;
}

const LARGE: readonly Large[] = [
  {
    name: 'nuxt',
    file: 'app/app.vue',
    from: "'Nuxt'",
    to: "'Nuxt' (;",
    named: /app\.vue:\d+/,
  },
  {
    name: 'angular',
    file: 'src/greeting.ts',
    from: "'Angular'",
    to: "'Angular' (;",
    named: null,
  },
  {
    name: 'storybook',
    file: 'src/greeting.jsx',
    from: '</h1>',
    to: '</h1',
    named: null,
  },
];

/** Nothing here installs their packages: `npm run test:recipes -- --large` does. */
function isWanted({ name }: Large): boolean {
  const only = process.env['LARGE'];
  return only === undefined || only === name;
}

for (const { name, file, from, to, named } of LARGE.filter(isWanted)) {
  const isInstalled = existsSync(join(packagesOf(name) ?? '', '.package-lock.json'));
  describe(`the recipe ${name}`, { skip: !isInstalled && 'played with --large' }, () => {
    let recipe: RunningRecipe;

    before(async () => {
      recipe = await RunningRecipe.start(name, name);
    });

    after(async () => {
      // Cheap beside minutes of a play, and the only trace of one that failed.
      const lines = (await recipe?.sandbox.linesAbout(name)) ?? [];
      const summaries = (await recipe?.targets())?.map(({ summary }) => summary) ?? [];
      console.log([...lines, ...summaries].join('\n'));
      await recipe?.end();
    });

    test('a typo is not restarted, and well when fixed', async () => {
      const repair = await recipe.edit(file, (text) => text.replace(from, to));
      if (named === null) {
        await isLeftAlone(recipe, 15_000);
      } else {
        const { summary, last } = await recipe.sandbox.reaches(name, 'degraded', 60_000);
        assert.equal(last?.class, 'source', summary);
        assert.match(summary, named);
        await holds('it is left alone', 6_000, async () => (await recipe.restarts()) === 0);
      }
      await repair();
      await recipe.healthy(1, 60_000);
      assert.equal(await recipe.restarts(), 0);
    });

    // Each request waits for Nuxt's first build, which does not come until the file is saved well.
    if (name === 'nuxt') {
      test('started with a server route that does not compile: named from its log', async () => {
        const before = await recipe.restarts();
        const repair = await recipe.edit('server/api/name.js', (text) => `${text}const b = (;\n`);
        await recipe.sandbox.pm2('restart', name);
        await recipe.sandbox.reaches(name, 'degraded', 180_000);
        const { summary, last } = await recipe.sandbox.target(name);
        assert.equal(last?.class, 'source', summary);
        // The line is that of what Nuxt makes of the file, with its imports above.
        assert.match(summary, /server\/api\/name\.js:\d+:\d+ Unexpected ";"/);
        await holds('it is left alone', 30_000, async () => (await recipe.restarts()) === before);
        await repair();
        await recipe.healthy(1, 120_000);
        assert.equal(await recipe.restarts(), before);
      });
    }

    test('hung: restarted once, and back in time', async (context) => {
      const hung = await recipe.listeners();
      assert.ok(hung.length > 0);
      // What it compiles in processes of its own may go on: then `busyGrace` holds the restart.
      await isMendedByOneRestart(recipe, context, 'busy hang', () => {
        for (const pid of hung) process.kill(pid, 'SIGSTOP');
      });
    });
  });
}
