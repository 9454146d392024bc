import assert from 'node:assert/strict';
import { isStatusDocument } from '../../src/report/is-status-document.ts';
import type { StatusDocument } from '../../src/report/status.ts';
import { until } from '../support/until.ts';
import type { Container, ExecOptions } from './container.ts';
import { PROJECT } from './project.ts';

/** A text in the example's page. */
const PAGE = '<div id="root">';

/** A user who runs the example and the monitor in the container under their own PM2. */
export class Inhabitant {
  readonly url: string;
  readonly #container: Container;
  readonly #options: ExecOptions;

  constructor(container: Container, user: string, port: number, env: Record<string, string> = {}) {
    this.#container = container;
    this.url = `http://127.0.0.1:${port}/`;
    this.#options = { user, cwd: PROJECT, env: { ...env, APP_PORT: String(port) } };
  }

  /** Runs a line as the user would type it in the project's folder, and returns its output. */
  async types(line: string): Promise<string> {
    return this.#container.must(['bash', '-c', line], this.#options);
  }

  /** Waits until the page answers; returns the milliseconds since `began`. */
  async answers(began: number, withinMs = 60_000): Promise<number> {
    await this.#container.firstAnswer(this.url, PAGE, withinMs);
    return performance.now() - began;
  }

  /** The monitor's status of the one app, as soon as all is well. */
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
