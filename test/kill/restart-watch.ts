import { setTimeout as sleep } from 'node:timers/promises';
import type { Pm2Sandbox } from '../support/pm2-sandbox.ts';

const LOOK_MS = 50;

/** Collects when each app was really restarted, from PM2's own counters. Monotonic milliseconds. */
export class RestartWatch {
  readonly times = new Map<string, number[]>();
  readonly #sandbox: Pm2Sandbox;
  readonly #counts = new Map<string, number>();
  #isOver = false;
  #running: Promise<void> | null = null;

  constructor(sandbox: Pm2Sandbox) {
    this.#sandbox = sandbox;
  }

  start(): void {
    this.#running ??= this.#run();
    // Told by `stop`.
    this.#running.catch(() => undefined);
  }

  /** Resolves after a last look; rejects where a look failed. */
  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#running;
  }

  async #run(): Promise<void> {
    do {
      for (const { name, pm2_env: env } of await this.#sandbox.list()) {
        const before = this.#counts.get(name) ?? env.restart_time;
        const at = performance.now();
        const times = this.times.get(name) ?? [];
        for (let count = before; count < env.restart_time; count += 1) times.push(at);
        this.times.set(name, times);
        this.#counts.set(name, env.restart_time);
      }
      if (!this.#isOver) await sleep(LOOK_MS);
    } while (!this.#isOver);
  }
}

/** The shortest time, in whole milliseconds, that has this many of these; Infinity where there are fewer. */
export function shortestSpanMs(times: readonly number[], count: number): number {
  const spans = times.map((at, i) => (times[i + count - 1] ?? Number.POSITIVE_INFINITY) - at);
  return Math.round(Math.min(Number.POSITIVE_INFINITY, ...spans));
}
