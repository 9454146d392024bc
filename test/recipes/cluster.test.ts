import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { holds, until } from '../support/until.ts';
import { seenAtRestart } from './faults.ts';
import { keepFigure } from './figures.ts';
import { RunningRecipe } from './running-recipe.ts';

/** Above what a start takes on a busy machine. */
const STARTUP_MS = 25_000;

describe('the recipe cluster', () => {
  let recipe: RunningRecipe;

  before(async () => {
    const env = { LIVENESS_STARTUP_TIMEOUT: `${STARTUP_MS}ms` };
    recipe = await RunningRecipe.start('cluster', 'cluster', { env });
  });

  after(async () => {
    console.log((await recipe?.sandbox.linesAbout('cluster'))?.join('\n'));
    await recipe?.end();
  });

  async function pids(): Promise<number[]> {
    return (await recipe.instances()).map(({ pid }) => pid);
  }

  test('one instance killed: PM2 starts it again, and nothing of ours is restarted', async () => {
    const [first, second] = await pids();
    assert.ok(first !== undefined && second !== undefined);
    const killedAt = performance.now();
    process.kill(first, 'SIGKILL');
    await until('there are two again', async () => {
      const now = await pids();
      return (
        now.length === 2 &&
        now.includes(second) &&
        now.every((pid) => pid > 0) &&
        !now.includes(first)
      );
    });
    const ms = performance.now() - killedAt;
    await holds('it is left alone', 3_000, async () => {
      return (await recipe.restarts()) === 0 && (await recipe.page()).status === 200;
    });
    await keepFigure({ recipe: 'cluster', fault: 'crash', seen: 'crash', restarts: 0, ms });
  });

  test('both hung: reloaded once, one after the other, and back in time', async (context) => {
    const hung = await pids();
    const boundMs = await recipe.boundMs('hang');
    const hungAt = performance.now();
    for (const pid of hung) process.kill(pid, 'SIGSTOP');
    // PM2 waits 3 s for each that does not say that it listens.
    await until(
      'another process answers 200',
      async () => {
        const { status, body } = await recipe.page();
        return status === 200 && !hung.some((pid) => body.endsWith(` ${pid}`));
      },
      { withinMs: boundMs + 3_000 },
    );
    const ms = performance.now() - hungAt;
    context.diagnostic(`back after ${Math.round(ms)} ms`);
    await until('both are new', async () => (await pids()).every((pid) => !hung.includes(pid)));
    await recipe.healthy();
    assert.equal(await recipe.restarts(), 1);
    const said = await until('the reload is done', async () => {
      const text = await recipe.sandbox.output('pm2-liveness');
      return /cluster: reloaded \d/.test(text) && text;
    });
    assert.match(said, /^\S+ cluster: reloaded 2 of 2 instances$/m);
    const seen = await seenAtRestart(recipe);
    await keepFigure({ recipe: 'cluster', fault: 'hang', seen, restarts: 1, ms });
  });

  test('restarted with a source that cannot be read: said so and left alone, and started when that is saved', async (context) => {
    const before = await recipe.restarts();
    const repair = await recipe.edit('server.mjs', (text) => `${text}\nexport const broken = (;\n`);
    await recipe.sandbox.pm2('restart', recipe.app);
    const { summary, last } = await recipe.sandbox.reaches(recipe.app, 'degraded', 40_000);
    assert.equal(last?.class, 'source', summary);
    assert.match(summary, /its log says: SyntaxError: Unexpected token/);
    await holds('it is not reloaded in vain', STARTUP_MS + 5_000, async () => {
      return (await recipe.restarts()) === before;
    });
    const fixedAt = performance.now();
    await repair();
    await recipe.healthy(undefined, 60_000);
    const ms = performance.now() - fixedAt;
    context.diagnostic(`well ${Math.round(ms)} ms after the fix`);
    const restarts = (await recipe.restarts()) - before;
    assert.equal(restarts, 1, 'PM2 does not see that a file was saved');
    await keepFigure({
      recipe: 'cluster',
      fault: 'typo',
      seen: 'source (server.mjs)',
      restarts,
      ms,
    });
  });
});
