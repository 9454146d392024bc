import type { LivenessBlock } from '../../src/index.ts';
import type { Pm2Sandbox } from './pm2-sandbox.ts';
import type { Figures, Stage } from './scenario.ts';
import { until } from './until.ts';
import type { ViteApp, ViteAppOptions } from './vite-app.ts';

/** The settings for the faults: quick, and the same for all. */
export const FAST = { period: '1s', timeout: '1s', failureThreshold: 3 } as const;

/** How a page is served and watched, where it differs from the others. */
interface HowWatched {
  readonly block?: Partial<LivenessBlock>;
  /** The time between two deep checks of the `vite` probe. */
  readonly deepPeriod?: LivenessBlock['period'];
  /** Further fields of its ecosystem entry. */
  readonly fields?: Readonly<Record<string, unknown>>;
  readonly vite?: ViteAppOptions;
  readonly isWaitedFor?: boolean;
}

/** A React page served by a real Vite under a real PM2, watched by the built monitor. */
export class WatchedVite {
  readonly name = 'web';
  readonly sandbox: Pm2Sandbox;
  readonly app: ViteApp;

  private constructor(sandbox: Pm2Sandbox, app: ViteApp) {
    this.sandbox = sandbox;
    this.app = app;
  }

  /** Started beside the monitor; healthy too unless `isWaitedFor` is false. */
  static async start(stage: Stage, how: HowWatched = {}): Promise<WatchedVite> {
    const [sandbox, app] = await Promise.all([stage.pm2(), stage.vite(how.vite)]);
    return WatchedVite.begin(sandbox, app, how);
  }

  /** The same in an existing PM2. */
  static async begin(
    sandbox: Pm2Sandbox,
    app: ViteApp,
    { block = {}, deepPeriod, fields = {}, isWaitedFor = true }: HowWatched,
  ): Promise<WatchedVite> {
    const watched = new WatchedVite(sandbox, app);
    const deep = deepPeriod ? { vite: { url: app.url, deepPeriod } } : {};
    const settings = { ...FAST, ...deep, ...block };
    await sandbox.start({ ...app.entry(watched.name, settings), ...fields });
    if (isWaitedFor) await watched.healthy();
    return watched;
  }

  async healthy(withinMs = 30_000): Promise<void> {
    await this.sandbox.reaches(this.name, 'healthy', withinMs);
  }

  async pid(): Promise<number> {
    return (await this.sandbox.app(this.name)).pid;
  }

  /** Sends a signal to PM2's own process of the app. */
  async signal(signal: NodeJS.Signals): Promise<void> {
    process.kill(await this.pid(), signal);
  }

  /** Restarts by PM2 and by us so far. */
  async restarts(): Promise<{ readonly pm2: number; readonly ours: number }> {
    const [entry, target] = await Promise.all([
      this.sandbox.app(this.name),
      this.sandbox.target(this.name),
    ]);
    return { pm2: entry.pm2_env.restart_time, ours: target.restarts.total };
  }

  /** Waits until we have restarted the app this many times in all. */
  async restarted(times: number, withinMs: number): Promise<void> {
    const isSo = async (): Promise<boolean> => (await this.restarts()).ours === times;
    await until(`${times} restarts of ours`, isSo, { withinMs, everyMs: 100 });
  }

  /** The closing figures. */
  async figures(to200Ms: number | null): Promise<Figures> {
    const { state, restarts } = await this.sandbox.target(this.name);
    return { restarts: restarts.total, to200Ms, final: state };
  }
}
