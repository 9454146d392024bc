import assert from 'node:assert/strict';
import type { StatusDocument, TargetStatus } from '../../src/report/status.ts';
import { until } from '../support/until.ts';
import type { Machine, Ran } from './machine.ts';
import { CLI, FOLDER, PM2_HOME } from './project.ts';

/** PM2's stop and a start of Node take seconds under Wine. */
export const BACK = { withinMs: 180_000, everyMs: 100 };

/** A person at a machine: runs programs in the project's folder, and looks at an app's page and state. */
export class Player {
  readonly machine: Machine;
  readonly #app: string;
  readonly #port: number;

  constructor(machine: Machine, app: string, port: number) {
    this.machine = machine;
    this.#app = app;
    this.#port = port;
  }

  /** What the page says; null where it is not well, or there is no answer. */
  async page(path = ''): Promise<string | null> {
    try {
      const url = `http://127.0.0.1:${this.#port}/${path}`;
      const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
      return response.ok ? await response.text() : null;
    } catch {
      return null;
    }
  }

  async target(): Promise<TargetStatus> {
    const { text } = await this.run(CLI, 'status', '--json');
    const { targets } = JSON.parse(text) as StatusDocument;
    const found = targets.find(({ name }) => name === this.#app);
    assert.ok(found, text);
    return found;
  }

  async untilHealthy(): Promise<void> {
    const isHealthy = async (): Promise<true> => {
      const target = await this.target();
      assert.equal(target.state, 'healthy', JSON.stringify(target));
      return true;
    };
    await until(`${this.#app} is healthy`, isHealthy, BACK);
  }

  /** Asks the page for a fault, waits until another process answers, and says after how long; `wanted` restarts are ours. */
  async survives(fault: string, wanted: number): Promise<string> {
    const before = await this.target();
    const page = await this.page();
    const began = performance.now();
    await this.page(fault);
    const isBack = async (): Promise<boolean> => ![null, page].includes(await this.page());
    await until('another process answers', isBack, BACK);
    const seconds = ((performance.now() - began) / 1_000).toFixed(1);
    // After a crash, the monitor may not have seen yet that there is a new process: what was never good is only waited for.
    await until('the new process is seen to be healthy', () => this.#isSeenHealthy(), BACK);
    const { restarts } = await this.target();
    assert.equal(restarts.total - before.restarts.total, wanted);
    return `200 after ${seconds} s`;
  }

  async #isSeenHealthy(): Promise<boolean> {
    const { state, pid } = await this.target();
    return state === 'healthy' && (await this.page()) === `page ${pid}`;
  }

  async must(...words: readonly string[]): Promise<string> {
    const { exitCode, text } = await this.run(...words);
    assert.equal(exitCode, 0, `${words.join(' ')}: ${text}`);
    return text;
  }

  run(...words: readonly string[]): Promise<Ran> {
    return this.machine.node(FOLDER, words, { env: { PM2_HOME }, timeoutMs: 300_000 });
  }
}
