import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { until } from '../support/until.ts';
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
  context.diagnostic(`${app} back after ${Math.round(performance.now() - hungAt)} ms`);
  await recipe.sandbox.reaches(app, 'healthy', 30_000);
  const after = await restartsByApp(recipe);
  assert.deepEqual(after, { ...before, [app]: (before[app] ?? 0) + 1 });
}

/** Restarts by us so far, by app. */
async function restartsByApp({ sandbox }: RunningRecipe): Promise<Record<string, number>> {
  const targets = (await sandbox.status())?.targets ?? [];
  return Object.fromEntries(targets.map(({ name, restarts }) => [name, restarts.total]));
}
