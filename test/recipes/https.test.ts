import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { execa } from 'execa';
import { isBackAfterCrash, isMendedByOneRestart, typoIsNamed } from './faults.ts';
import { RunningRecipe } from './running-recipe.ts';

/** As the recipe's README has it; the key never leaves the copy. */
function makeCertificate(dir: string): Promise<unknown> {
  return execa(process.execPath, [join(dir, 'make-certificate.mjs')]);
}

describe('the recipe https', () => {
  let recipe: RunningRecipe;

  before(async () => {
    recipe = await RunningRecipe.start('https', 'https', {
      prepare: makeCertificate,
      scheme: 'https',
    });
  });

  after(() => recipe?.end());

  test('hung: restarted once, and back in time', async (context) => {
    const pid = await recipe.pid();
    await isMendedByOneRestart(recipe, context, 'hang', () => process.kill(pid, 'SIGSTOP'));
  });

  test('killed: back by PM2 alone', (context) => isBackAfterCrash(recipe, context));

  test('a source that does not compile is named, not restarted, and well when fixed', async (context) => {
    const change = (text: string): string => `${text}export const broken = (;\n`;
    await typoIsNamed(recipe, context, { file: 'src/main.js', change, named: /src\/main\.js/ });
  });

  test('another certificate than the trusted one is reported, and the app not restarted', async () => {
    const before = await recipe.restarts();
    await makeCertificate(recipe.dir);
    await recipe.sandbox.pm2('restart', recipe.app);
    const { last } = await recipe.sandbox.reaches(recipe.app, 'degraded');
    assert.equal(last?.class, 'misconfig');
    assert.equal((await recipe.page()).status, 200);
    assert.equal(await recipe.restarts(), before);
    // The ecosystem file reads the new one. It restarts the monitor too, which counts from zero again.
    await recipe.startAgain();
    await recipe.healthy();
    assert.equal(await recipe.restarts(), 0);
  });
});
