import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { holds, until } from '../support/until.ts';
import type { Fault } from './bounds.ts';
import { keepFigure } from './figures.ts';
import type { RunningRecipe } from './running-recipe.ts';

/** Plays a fault of the given processes, which one restart of ours must fix in time. */
export async function isMendedByOneRestart(
  recipe: RunningRecipe,
  context: TestContext,
  fault: Fault,
  begin: () => unknown,
): Promise<void> {
  const [before, faulty, boundMs] = await Promise.all([
    recipe.restarts(),
    recipe.listeners(),
    recipe.boundMs(fault),
  ]);
  const beganAt = performance.now();
  await begin();
  const ms = await recipe.mended(beganAt, boundMs, faulty);
  context.diagnostic(`${fault}: back after ${Math.round(ms)} ms, bound ${Math.round(boundMs)} ms`);
  await recipe.healthy();
  assert.equal(await recipe.restarts(), before + 1);
  if (fault === 'wrong answers') return;
  const seen = await seenAtRestart(recipe);
  await keepFigure({ recipe: recipe.recipe, fault: 'hang', seen, restarts: 1, ms });
}

/** The line of the log that says why. */
const ORDER = /: (?:restart|reload)ing: /;

/** What the log gives as the reason of the last restart of ours. */
export async function seenAtRestart({ sandbox, app }: RunningRecipe): Promise<string> {
  // An instance has its number behind the name.
  const lines = (await sandbox.output('pm2-liveness')).split('\n');
  const isOfApp = (line: string): boolean => line.includes(` ${app}`);
  const said = lines.findLast((line) => isOfApp(line) && ORDER.test(line)) ?? '';
  return /ing: (?:\d+ of \d+ checks )?([^(;]+?)(?: \(|;|$)/.exec(said)?.[1] ?? '';
}

/** A program whose own process has ended has this long to start another, before anything is done. */
const OWN_START_MS = 10_000;

/**
 * Kills the processes that listen. PM2 starts the app again by itself, and nothing of ours does; where a wrapper
 * outlives its server (`ours` 1) we restart it once.
 */
export async function isBackAfterCrash(
  recipe: RunningRecipe,
  context: TestContext,
  ours: 0 | 1 = 0,
): Promise<void> {
  const [before, killed, boundMs] = await Promise.all([
    recipe.restarts(),
    recipe.listeners(),
    recipe.boundMs('hang'),
  ]);
  assert.ok(killed.length > 0);
  const beganAt = performance.now();
  for (const pid of killed) process.kill(pid, 'SIGKILL');
  const ms = await recipe.mended(beganAt, boundMs + ours * OWN_START_MS, killed);
  context.diagnostic(`crash: back after ${Math.round(ms)} ms, bound ${Math.round(boundMs)} ms`);
  const [target] = await recipe.healthy();
  const restarts = (await recipe.restarts()) - before;
  assert.equal(restarts, ours, target?.summary);
  const cause = target?.pm2Restarts?.at(-1)?.cause ?? 'its own program';
  await keepFigure({ recipe: recipe.recipe, fault: 'crash', seen: cause, restarts, ms });
}

/** A change of one source file after which it does not compile, and what `status` says then. */
export interface Typo {
  readonly file: string;
  readonly change: (text: string) => string;
  /** Null where the server stays well, and shows it in the browser alone. */
  readonly named: RegExp | null;
}

/** Source that a dev server cannot serve is named, not restarted, and well when fixed. */
export async function typoIsNamed(
  recipe: RunningRecipe,
  context: TestContext,
  { file, change, named }: Typo & { readonly named: RegExp },
): Promise<void> {
  const before = await recipe.restarts();
  const repair = await recipe.edit(file, change);
  // An incarnation begins with a deep check; this one would get its next within a minute.
  await recipe.sandbox.pm2('restart', recipe.app);
  const { summary, last } = await recipe.sandbox.reaches(recipe.app, 'degraded', 40_000);
  assert.equal(last?.class, 'source');
  assert.match(summary, named);
  await holds('it is left alone', 4_000, async () => (await recipe.restarts()) === before);
  await isWellAfter(recipe, context, { repair, before, seen: `source (${file})` });
}

/**
 * A program that watches no files is restarted by a person with a source that cannot be read: `status` says why it
 * does not come up, and once that is fixed and it is restarted, all is well.
 */
export async function typoAtStartIsNamed(
  recipe: RunningRecipe,
  context: TestContext,
  { file, named }: { readonly file: string; readonly named: RegExp },
): Promise<void> {
  const before = await recipe.restarts();
  const repair = await recipe.edit(file, (text) => `${text}\nexport const broken = (;\n`);
  await recipe.sandbox.pm2('restart', recipe.app);
  const { state } = await until(
    'status says why it does not come up',
    async () => {
      const [target] = await recipe.targets();
      if (target && target.state !== 'healthy' && named.test(target.summary)) return target;
      throw new Error(target?.summary ?? 'not watched');
    },
    { withinMs: 40_000, everyMs: 300 },
  );
  await holds('it is left alone', 4_000, async () => (await recipe.restarts()) === before);
  const again = async (): Promise<void> => {
    await repair();
    await recipe.sandbox.pm2('restart', recipe.app);
  };
  await isWellAfter(recipe, context, { repair: again, before, seen: `${state}, with the error` });
}

/** Repairs a typo: the app is well again, and nothing of ours was restarted for it. */
export async function isWellAfter(
  recipe: RunningRecipe,
  context: TestContext,
  how: { repair: () => Promise<unknown>; before: number; seen: string; withinMs?: number },
): Promise<void> {
  const fixedAt = performance.now();
  await how.repair();
  await recipe.healthy(undefined, how.withinMs ?? 30_000);
  const ms = performance.now() - fixedAt;
  context.diagnostic(`well ${Math.round(ms)} ms after the fix`);
  const restarts = (await recipe.restarts()) - how.before;
  assert.equal(restarts, 0);
  assert.equal((await recipe.page()).status, 200);
  await keepFigure({ recipe: recipe.recipe, fault: 'typo', seen: how.seen, restarts, ms });
}

/** Kills PM2's own process of the app, whose child runs on and keeps the port: the child is stopped. */
export async function leftOverIsEnded(recipe: RunningRecipe, context: TestContext): Promise<void> {
  const [wrapper, listeners] = [await recipe.pid(), await recipe.listeners()];
  const [orphan] = listeners;
  assert.ok(orphan !== undefined && orphan !== wrapper && listeners.length === 1);
  const boundMs = await recipe.boundMs('hang');
  const killedAt = performance.now();
  process.kill(wrapper, 'SIGKILL');
  const ms = await recipe.mended(killedAt, boundMs, [orphan]);
  context.diagnostic(`back after ${Math.round(ms)} ms, bound ${Math.round(boundMs)} ms`);
  await recipe.healthy();
  const said = await recipe.sandbox.output('pm2-liveness');
  assert.match(said, new RegExp(`${orphan}.*an old process of ${recipe.app}`));
  const pid = await recipe.pid();
  await holds('no loop', 3_000, async () => (await recipe.pid()) === pid);
}

/** While it holds, the app is healthy and nothing of ours restarts it. */
export async function isLeftAlone(recipe: RunningRecipe, forMs: number): Promise<void> {
  const [before, pid] = [await recipe.restarts(), await recipe.pid()];
  await holds(`${recipe.app} stays healthy, and is left alone`, forMs, async () => {
    const targets = await recipe.targets();
    const isWell = targets.length > 0 && targets.every(({ state }) => state === 'healthy');
    return isWell && (await recipe.restarts()) === before && (await recipe.pid()) === pid;
  });
}
