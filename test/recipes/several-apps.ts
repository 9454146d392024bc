import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { until } from '../support/until.ts';
import { seenAtRestart } from './faults.ts';
import { keepFigure } from './figures.ts';
import type { RunningRecipe } from './running-recipe.ts';

/** A page of a recipe, and the app whose process stands behind it. */
export interface Page {
  readonly app: string;
  readonly path: string;
  readonly port: number;
}

/** Stops the process of one app of a recipe: it alone is restarted, once, and the page answers again in time. */
export async function onlyItIsRestarted(
  recipe: RunningRecipe,
  context: TestContext,
  { app, path, port }: Page,
): Promise<void> {
  const before = await restartsByApp(recipe);
  const { pid } = await recipe.sandbox.app(app);
  const boundMs = await recipe.boundMs('hang', app);
  const hungAt = performance.now();
  process.kill(pid, 'SIGSTOP');
  await until(
    `${app} has another process, and the page answers 200`,
    async () => {
      const isNew = (await recipe.sandbox.app(app)).pid !== pid;
      return isNew && (await recipe.page(path, 2_000, port)).status === 200;
    },
    { withinMs: boundMs },
  );
  const ms = performance.now() - hungAt;
  context.diagnostic(`${app} back after ${Math.round(ms)} ms`);
  await recipe.sandbox.reaches(app, 'healthy', 30_000);
  const after = await restartsByApp(recipe);
  assert.deepEqual(after, { ...before, [app]: (before[app] ?? 0) + 1 });
  if (app !== recipe.app) return;
  const seen = await seenAtRestart(recipe);
  await keepFigure({ recipe: recipe.recipe, fault: 'hang', seen, restarts: 1, ms });
}

/** Kills the process of one instance: PM2 starts it again, the page answers, and nothing of ours is restarted. */
export async function killedIsBack(
  recipe: RunningRecipe,
  context: TestContext,
  { app, path, port }: Page,
): Promise<void> {
  const before = await restartsByApp(recipe);
  const { pid } = await recipe.sandbox.app(app);
  const killedAt = performance.now();
  process.kill(pid, 'SIGKILL');
  await until(
    `${app} has another process, and the page answers 200`,
    async () => {
      const all = (await recipe.sandbox.list()).filter(({ name }) => name === app);
      const isNew = all.every((each) => each.pid > 0 && each.pid !== pid);
      return isNew && (await recipe.page(path, 2_000, port)).status === 200;
    },
    { withinMs: 30_000 },
  );
  const ms = performance.now() - killedAt;
  context.diagnostic(`${app} back after ${Math.round(ms)} ms`);
  await recipe.healthy();
  assert.deepEqual(await restartsByApp(recipe), before);
  if (app !== recipe.app) return;
  await keepFigure({ recipe: recipe.recipe, fault: 'crash', seen: 'crash', restarts: 0, ms });
}

/** Restarts by us so far, by app. */
async function restartsByApp({ sandbox }: RunningRecipe): Promise<Record<string, number>> {
  const targets = (await sandbox.status())?.targets ?? [];
  const sums: Record<string, number> = {};
  for (const { name, restarts } of targets) sums[name] = (sums[name] ?? 0) + restarts.total;
  return sums;
}
