import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { Pm2Sandbox, type App } from '../../test/support/pm2-sandbox.ts';
import { listenersOn } from '../../test/support/processes.ts';
import { until } from '../../test/support/until.ts';
import { ViteApp } from '../../test/support/vite-app.ts';

/** The settings of the watched app. */
export const BLOCK = { period: '1s', timeout: '1s' } as const;
const PERIOD_MS = 1_000;

/**
 * Long enough that PM2 calls the app stable, and that no restart of ours delays the next: there is one in 5 s
 * over all apps.
 */
const REST_MS = { ofPm2: 1_200, ofOurs: 5_000 } as const;

const CLI = new URL('../../dist/cli/main.js', import.meta.url).pathname;

/** A real Vite under a real PM2, watched or not, alone in its PM2_HOME. */
export class Stage {
  readonly app: ViteApp;
  readonly #sandbox: Pm2Sandbox;
  readonly #isWatched: boolean;

  private constructor(sandbox: Pm2Sandbox, app: ViteApp, isWatched: boolean) {
    this.#sandbox = sandbox;
    this.app = app;
    this.#isWatched = isWatched;
  }

  static async open(options: { isWatched: boolean; isBehindNpm?: boolean }): Promise<Stage> {
    const { isWatched, isBehindNpm = false } = options;
    const [sandbox, app] = await Promise.all([Pm2Sandbox.create(), ViteApp.create()]);
    const stage = new Stage(sandbox, app, isWatched);
    const entry = app.entry('web', isWatched ? BLOCK : undefined);
    await sandbox.start(isBehindNpm ? behindNpm(entry) : entry);
    if (isWatched) await sandbox.startMonitor();
    await stage.#rest(0);
    return stage;
  }

  /** The process that PM2 starts. */
  async pid(): Promise<number> {
    return (await this.#sandbox.app('web')).pid;
  }

  /**
   * Rests, breaks the app, and returns the milliseconds until the first of three consecutive 200s. The fault
   * comes at a random time between two probes.
   */
  async recovery(fault: Fault): Promise<number> {
    await this.#rest(fault === faults.crash ? REST_MS.ofPm2 : REST_MS.ofOurs);
    await sleep(Math.random() * PERIOD_MS);
    const brokenAt = await fault(this);
    const backAt = await answersAgain(this.app);
    return backAt - brokenAt;
  }

  async close(): Promise<void> {
    await this.#sandbox.destroy();
    await this.app.destroy();
  }

  async #rest(ms: number): Promise<void> {
    await until('the page answers', async () => (await this.app.page()) === 200);
    if (this.#isWatched) {
      await this.#sandbox.reaches('web', 'healthy');
      // Each round is the first of an incident: no backoff, and a full budget.
      await this.#sandbox.run(process.execPath, [CLI, 'reset', 'web']);
    }
    await sleep(ms);
  }
}

/** Breaks the app, and returns the time. */
export type Fault = (stage: Stage) => Promise<number>;

export const faults = {
  crash: async (stage) => signal(await stage.pid(), 'SIGKILL'),
  hang: async (stage) => signal(await stage.pid(), 'SIGSTOP'),
  wrong: async ({ app }) => {
    await app.breakServer();
    return performance.now();
  },
  /** The server answers 500, and its npm is killed: the orphan holds the port of the next server. */
  orphan: async (stage) => {
    const npm = await stage.pid();
    await stage.app.breakServer();
    return signal(npm, 'SIGKILL');
  },
} satisfies Readonly<Record<string, Fault>>;

function signal(pid: number, name: NodeJS.Signals): number {
  process.kill(pid, name);
  return performance.now();
}

/** When the page first answered 200, three times in a row, after it was seen not to. */
async function answersAgain(app: ViteApp, withinMs = 60_000): Promise<number> {
  await until('the page is down', async () => (await app.page()) !== 200, { everyMs: 5 });
  let [good, since] = [0, 0];
  const look = async (): Promise<boolean> => {
    const lookedAt = performance.now();
    if ((await app.page()) !== 200) good = 0;
    else if ((good += 1) === 1) since = lookedAt;
    return good === 3;
  };
  await until('the page answers 200', look, { withinMs, everyMs: 20 });
  return since;
}

/** Milliseconds that the app takes from its start to its first 200, without PM2. */
export async function coldStart(isBehindNpm: boolean): Promise<number> {
  const app = await ViteApp.create();
  const plain = app.entry('web');
  const { script, args = [], cwd, env } = isBehindNpm ? behindNpm(plain) : plain;
  const [file, more] = isBehindNpm ? [script, args] : [process.execPath, [script, ...args]];
  const startedAt = performance.now();
  const child = spawn(file, more, { cwd, env: { ...process.env, ...env }, stdio: 'ignore' });
  try {
    return (await answersAgain(app)) - startedAt;
  } finally {
    const pids = new Set([...(await listenersOn(app.port)), child.pid ?? 0]);
    for (const pid of pids) process.kill(pid, 'SIGTERM');
    if (child.exitCode === null && child.signalCode === null) {
      await new Promise((resolve) => child.once('exit', resolve));
    }
    await app.destroy();
  }
}

function behindNpm(entry: App): App {
  const args = ['run', 'dev', '--', ...(entry.args ?? [])];
  return { ...entry, script: 'npm', args, max_restarts: 1_000 };
}

/** Whether an unwatched app answers again by itself within this time. */
export async function comesBackAlone(fault: Fault, isBehindNpm: boolean): Promise<boolean> {
  const stage = await Stage.open({ isWatched: false, isBehindNpm });
  try {
    await fault(stage);
    return await answersAgain(stage.app, 15_000).then(
      () => true,
      () => false,
    );
  } finally {
    await stage.close();
  }
}
