import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { readBlock, type TargetConfig } from '../../src/config/target-config.ts';
import { createOsReader } from '../../src/os/create-reader.ts';
import { treeOf } from '../../src/os/tree.ts';
import type { TargetStatus } from '../../src/report/status.ts';
import { freePorts } from '../support/free-ports.ts';
import { processesIn } from '../support/left-behind.ts';
import { Pm2Sandbox, type Listed } from '../support/pm2-sandbox.ts';
import { until } from '../support/until.ts';
import { answerOf, type Answer } from './answer.ts';
import { boundMs, type Fault } from './bounds.ts';
import { keepFigure } from './figures.ts';
import { proposedFor } from './proposed.ts';
import { RecipeCopy } from './recipe-copy.ts';

/** The monitor looks this often; all else is as the recipe says it, or the default. */
const PERIOD_MS = 1_000;
/** A cold start of the slowest framework, and of PM2 itself. */
const START_WITHIN_MS = 180_000;

/** How a recipe is started, where it is not as all others. */
interface HowStarted {
  /** Prepares the copy, for example a certificate. */
  readonly prepare?: (dir: string, port: number) => Promise<unknown>;
  /** Put into the environment of all that runs. */
  readonly env?: Readonly<Record<string, string>>;
  readonly scheme?: 'http' | 'https';
  /** The targets that the monitor is to see. */
  readonly targets?: number;
  /** The ports in a row that it needs. */
  readonly ports?: number;
}

/** The recipe's folder, and the app that is played. */
interface Named {
  readonly recipe: string;
  readonly app: string;
}

/** A recipe, started from its ecosystem file by `pm2 start`, and healthy. */
export class RunningRecipe {
  /** The recipe's folder. */
  readonly recipe: string;
  readonly app: string;
  readonly sandbox: Pm2Sandbox;
  readonly dir: string;
  readonly port: number;
  readonly #copy: RecipeCopy;
  readonly #scheme: string;
  /** The targets that the monitor is to see. */
  readonly #targets: number;
  /** From `pm2 start` to the first good answer, PM2's own start included. */
  #startMs = 0;

  private constructor(
    { recipe, app, scheme, targets }: Required<Pick<HowStarted, 'scheme' | 'targets'>> & Named,
    copy: RecipeCopy,
    sandbox: Pm2Sandbox,
    port: number,
  ) {
    this.recipe = recipe;
    this.app = app;
    this.#copy = copy;
    this.dir = copy.dir;
    this.sandbox = sandbox;
    this.port = port;
    this.#scheme = scheme;
    this.#targets = targets;
  }

  static async start(recipe: string, app: string, how: HowStarted = {}): Promise<RunningRecipe> {
    const { prepare, env = {}, scheme = 'http', targets = 1, ports = 1 } = how;
    const copy = await RecipeCopy.of(recipe);
    // Whatever a framework keeps for its user goes with the copy as well.
    const home = { HOME: copy.dir, XDG_CONFIG_HOME: copy.dir, XDG_CACHE_HOME: copy.dir };
    const sandbox = await Pm2Sandbox.create({ env: { ...env, ...home, PATH: pathOf(copy.dir) } });
    const port = await freePorts(ports);
    const running = new RunningRecipe({ recipe, app, scheme, targets }, copy, sandbox, port);
    try {
      await prepare?.(copy.dir, port);
      await running.#begin();
      return running;
    } catch (error) {
      await running.end();
      throw error;
    }
  }

  async #begin(): Promise<void> {
    const beganAt = performance.now();
    await this.startAgain();
    const isAnswering = async (): Promise<boolean> => (await this.page()).status === 200;
    await until('its page answers 200', isAnswering, { withinMs: START_WITHIN_MS });
    this.#startMs = performance.now() - beganAt;
    await this.healthy();
    const seen = await proposedFor(this.app, this.sandbox);
    await keepFigure({ recipe: this.recipe, fault: 'watch', seen, restarts: null, ms: null });
  }

  /** `pm2 start ecosystem.config.cjs` in the recipe's folder: for apps that run, a restart. */
  async startAgain(): Promise<void> {
    const env = { PORT: String(this.port), LIVENESS_PERIOD: `${PERIOD_MS}ms` };
    const typed = ['start', 'ecosystem.config.cjs'];
    const { exitCode, text } = await this.sandbox.pm2In(this.dir, typed, env);
    assert.equal(exitCode, 0, text);
  }

  url(path = '/', port = this.port): string {
    return `${this.#scheme}://localhost:${port}${path}`;
  }

  /** What the page answers now; status 0 for nobody. */
  page(path = '/', timeoutMs = 2_000, port = this.port): Promise<Answer> {
    return answerOf(this.url(path, port), timeoutMs);
  }

  /** Every target is healthy. */
  async healthy(targets = this.#targets, withinMs = 30_000): Promise<readonly TargetStatus[]> {
    return until(
      `${this.app} is healthy`,
      async () => {
        const found = await this.targets();
        if (found.length === targets && found.every(({ state }) => state === 'healthy')) {
          return found;
        }
        throw new Error(found.map(({ summary }) => summary).join('; ') || 'not watched');
      },
      { withinMs, everyMs: 200 },
    );
  }

  async targets(): Promise<readonly TargetStatus[]> {
    const all = (await this.sandbox.status())?.targets ?? [];
    return all.filter(({ name }) => name === this.app);
  }

  async instances(): Promise<readonly Listed[]> {
    return (await this.sandbox.list()).filter(({ name }) => name === this.app);
  }

  /** PM2's own process of the app. */
  async pid(): Promise<number> {
    return (await this.sandbox.app(this.app)).pid;
  }

  /** Restarts by us so far, over all targets. */
  async restarts(): Promise<number> {
    return (await this.targets()).reduce((sum, { restarts }) => sum + restarts.total, 0);
  }

  /** The processes of the app by pid, PM2's own first. */
  async tree(): Promise<readonly number[]> {
    const table = await createOsReader().processes();
    const pids = (await this.instances()).map(({ pid }) => pid);
    return pids.flatMap((pid) => (table ? treeOf(table, pid).map((each) => each.pid) : []));
  }

  /** The processes that listen on the app's port. */
  async listeners(): Promise<readonly number[]> {
    const listeners = await createOsReader().listeners(this.port);
    return [...new Set((listeners ?? []).flatMap(({ pids }) => pids ?? []))];
  }

  /** The settings in force, as the monitor reads them. */
  async settings(app = this.app): Promise<TargetConfig> {
    const { pm2_env: env } = await this.sandbox.app(app);
    const appEnv = env as unknown as Record<string, unknown>; // the list has all of it
    const read = readBlock(appEnv['env_liveness'], appEnv, { period: PERIOD_MS });
    assert.ok(read.ok, JSON.stringify(read));
    return read.config;
  }

  /** The longest that a fault may last. */
  async boundMs(fault: Fault, app = this.app): Promise<number> {
    return boundMs(fault, await this.settings(app), this.#startMs);
  }

  /**
   * Waits until a fault is fixed: the page answers 200 from the app's own processes, none of which is among
   * those of the fault. Gives the milliseconds.
   */
  async mended(beganAt: number, withinMs: number, faulty: readonly number[]): Promise<number> {
    await until(
      'the app itself answers 200 again',
      async () => {
        const [tree, listeners] = await Promise.all([this.tree(), this.listeners()]);
        const isNew = !listeners.some((pid) => faulty.includes(pid));
        const isOwn = listeners.length > 0 && listeners.every((pid) => tree.includes(pid));
        return isNew && isOwn && (await this.page()).status === 200;
      },
      { withinMs: withinMs - (performance.now() - beganAt), everyMs: 100 },
    );
    return performance.now() - beganAt;
  }

  /** Changes a source file, and gives the way back. */
  async edit(file: string, change: (text: string) => string): Promise<() => Promise<void>> {
    const path = join(this.dir, file);
    const before = await readFile(path, 'utf8');
    await writeFile(path, change(before));
    return () => writeFile(path, before);
  }

  /** Ends everything, and proves that nothing of it runs on. */
  async end(): Promise<void> {
    await this.sandbox.destroy();
    try {
      await until('no process works in the copy any more', async () => {
        const left = await processesIn(this.dir);
        if (left.length > 0) throw new Error(`processes ${left.join(', ')}`);
        return true;
      });
    } finally {
      for (const pid of await processesIn(this.dir)) process.kill(pid, 'SIGKILL');
      await this.#copy.remove();
    }
  }
}

/** The programs of the project's packages come first, as with `npx`. */
function pathOf(dir: string): string {
  return `${join(dir, 'node_modules/.bin')}${delimiter}${process.env['PATH']}`;
}
