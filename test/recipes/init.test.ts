import assert from 'node:assert/strict';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { execa } from 'execa';
import { RunningRecipe } from './running-recipe.ts';

/** Makes `init` write the ecosystem file instead of the recipe's own, with the port of the script. */
async function byInit(dir: string, port: number): Promise<void> {
  await rm(join(dir, 'ecosystem.config.cjs'));
  const manifest = join(dir, 'package.json');
  const text = await readFile(manifest, 'utf8');
  await writeFile(manifest, text.replace(/("dev": "[^"]+)"/, `$1 --port ${port}"`));
  const program = join(dir, 'node_modules/pm2-liveness/dist/cli/main.js');
  await execa(process.execPath, [program, 'init', '--yes'], { cwd: dir });
}

/** What `init` does not write, so that nothing asks anybody for news. */
const QUIET = {
  NEXT_TELEMETRY_DISABLED: '1',
  ASTRO_TELEMETRY_DISABLED: '1',
  ASTRO_DISABLE_UPDATE_CHECK: 'true',
};

describe('what init writes', () => {
  for (const framework of ['next', 'astro'] as const) {
    let recipe: RunningRecipe | undefined;

    test(`for ${framework} starts, is healthy and serves the page from its own processes`, async () => {
      recipe = await RunningRecipe.start(framework, `recipe-${framework}`, {
        prepare: byInit,
        env: QUIET,
      });
      const [tree, listeners] = await Promise.all([recipe.tree(), recipe.listeners()]);
      assert.ok(listeners.length > 0 && listeners.every((pid) => tree.includes(pid)));
      const { body } = await recipe.page();
      assert.match(body, new RegExp(`${framework} under PM2`, 'i'));
      assert.equal(await recipe.restarts(), 0);
    });

    after(() => recipe?.end());
  }
});
