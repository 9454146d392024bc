import assert from 'node:assert/strict';
import { isStatusDocument, type StatusDocument } from '../../src/report/status.ts';
import { until } from '../support/until.ts';
import type { Container, ExecOptions } from './container.ts';
import { PROJECT } from './project.ts';

/** What stands in the example's page, whoever serves it. */
const PAGE = '<div id="root">';

/** Somebody who runs the example and the monitor in the container under a PM2 of his own. */
export class Inhabitant {
  readonly url: string;
  readonly #container: Container;
  readonly #options: ExecOptions;

  constructor(container: Container, user: string, port: number, env: Record<string, string> = {}) {
    this.#container = container;
    this.url = `http://127.0.0.1:${port}/`;
    this.#options = { user, cwd: PROJECT, env: { ...env, APP_PORT: String(port) } };
  }

  /** Runs a line as he would type it in the project's folder, and gives what it printed. */
  async types(line: string): Promise<string> {
    return this.#container.must(['bash', '-c', line], this.#options);
  }

  /** Waits until his page answers; gives the milliseconds since `began`. */
  async answers(began: number, withinMs = 60_000): Promise<number> {
    await this.#container.firstAnswer(this.url, PAGE, withinMs);
    return performance.now() - began;
  }

  /** What the monitor says of his one app, as soon as it says that all is well. */
  async healthy(withinMs = 60_000): Promise<StatusDocument['targets'][number]> {
    const program = ['node', `${PROJECT}/dist/cli/main.js`, 'status', '--json'];
    return until(
      `the monitor reports ${this.url} healthy`,
      async () => {
        const { exitCode, text } = await this.#container.exec(program, this.#options);
        if (exitCode !== 0) throw new Error(text);
        const document: unknown = JSON.parse(text);
        assert.ok(isStatusDocument(document), text);
        const [target] = document.targets;
        assert.ok(target && target.state === 'healthy', text);
        return target;
      },
      { withinMs, everyMs: 100 },
    );
  }
}
