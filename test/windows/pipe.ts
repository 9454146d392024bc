import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { until } from '../support/until.ts';
import { BACK, Player } from './player.ts';
import { CLI, FOLDER, PM2 } from './project.ts';
import type { Machine } from './machine.ts';
import type { Check } from './scenario.ts';

const NAME = 'piped';
const PIPE = String.raw`\\.\pipe\my piped app`;
/** While there is such a file, nothing is answered; a start removes it. */
const FAULT = 'piped.hangs';

const SERVER = `
const { existsSync, rmSync } = require('node:fs');
rmSync('${FAULT}', { force: true });
require('node:http').createServer((request, response) => {
  if (!existsSync('${FAULT}')) response.end('piped');
}).listen(${JSON.stringify(PIPE)});
`;

/** An app of Windows that listens on a named pipe alone. */
export class PipeScenario {
  readonly #machine: Machine;
  readonly #player: Player;
  readonly #check: Check;

  constructor(machine: Machine, check: Check) {
    this.#machine = machine;
    // It has no port.
    this.#player = new Player(machine, NAME, 0);
    this.#check = check;
  }

  async play(): Promise<void> {
    const folder = join(this.#machine.drive, FOLDER);
    const http = { url: 'http://localhost/', socket: PIPE };
    const env_liveness = { http, period: '1s', timeout: '1s' };
    const app = { name: NAME, script: 'piped.js', env_liveness };
    await writeFile(join(folder, 'piped.js'), SERVER);
    await writeFile(
      join(folder, 'piped.config.cjs'),
      `module.exports = { apps: [${JSON.stringify(app)}] };\r\n`,
    );
    await this.#check('an app on a named pipe is healthy, and check asks it', async () => {
      await this.#player.must(PM2, 'start', 'piped.config.cjs');
      await this.#player.untilHealthy();
      assert.match(await this.#player.must(CLI, 'check', NAME), /^piped +ok/m);
    });
    await this.#check('hang on a named pipe: back, restarts of ours: 1', async () => {
      const { pid, restarts } = await this.#player.target();
      const began = performance.now();
      await writeFile(join(folder, FAULT), '');
      await until(
        'another process is healthy',
        async () => {
          const target = await this.#player.target();
          return target.state === 'healthy' && target.pid !== pid;
        },
        BACK,
      );
      const seconds = ((performance.now() - began) / 1_000).toFixed(1);
      assert.equal((await this.#player.target()).restarts.total - restarts.total, 1);
      return `healthy after ${seconds} s`;
    });
    await this.#player.must(PM2, 'delete', NAME);
  }
}
