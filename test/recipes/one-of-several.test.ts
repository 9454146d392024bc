import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { killedIsBack } from './several-apps.ts';
import { until } from '../support/until.ts';
import { seenAtRestart, typoAtStartIsNamed } from './faults.ts';
import { keepFigure } from './figures.ts';
import { RunningRecipe } from './running-recipe.ts';

for (const [name, app, count, ports] of [
  ['increment-var', 'instances', 3, 3],
  ['cluster-heartbeat', 'workers', 2, 1],
] as const) {
  describe(`the recipe ${name}`, () => {
    let recipe: RunningRecipe;

    before(async () => {
      recipe = await RunningRecipe.start(name, app, { targets: count, ports });
    });

    after(() => recipe?.end());

    test('one instance hung: it alone is restarted, and is back in time', async (context) => {
      const instances = await recipe.instances();
      const hung = instances[1];
      assert.ok(hung);
      const boundMs = await recipe.boundMs('hang');
      const hungAt = performance.now();
      process.kill(hung.pid, 'SIGSTOP');
      await until(
        'it has a new process',
        async () => (await recipe.instances()).every(({ pid }) => pid > 0 && pid !== hung.pid),
        { withinMs: boundMs },
      );
      const targets = await recipe.healthy(count, boundMs - (performance.now() - hungAt));
      const ms = performance.now() - hungAt;
      context.diagnostic(`back after ${Math.round(ms)} ms of ${Math.round(boundMs)}`);
      const now = await recipe.instances();
      for (const { pm_id, pid } of instances) {
        const isHung: boolean = pm_id === hung.pm_id;
        assert.equal(now.find((each) => each.pm_id === pm_id)?.pid === pid, !isHung);
        const target = targets.find(({ pmId }) => pmId === pm_id);
        assert.equal(target?.restarts.total, isHung ? 1 : 0);
      }
      for (let nth = 0; nth < ports; nth += 1) {
        // Where PM2 reloads a worker, a question may still be handed to the old one that hangs.
        await until('a process of now answers', async () => {
          const { status, body } = await recipe.page('/', 1_000, recipe.port + nth);
          return status === 200 && now.some(({ pid }) => body.endsWith(` ${pid}`));
        });
      }
      const seen = await seenAtRestart(recipe);
      await keepFigure({ recipe: name, fault: 'hang', seen, restarts: 1, ms });
    });

    test('one instance killed: back by PM2 alone', (context) =>
      killedIsBack(recipe, context, { app, path: '/', port: recipe.port }));

    test('restarted with a source that cannot be read: said so, and well when fixed', (context) =>
      typoAtStartIsNamed(recipe, context, { file: 'server.mjs', named: /SyntaxError/ }));
  });
}
