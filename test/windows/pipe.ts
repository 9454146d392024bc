import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Player } from './player.ts';
import { CLI, FOLDER, PM2 } from './project.ts';
import type { Machine } from './machine.ts';
import type { Check } from './scenario.ts';

const NAME = 'piped';
const PIPE = String.raw`\\.\pipe\my piped app`;
const SERVER = `require('node:http').createServer((request, response) => response.end('piped')).listen(${JSON.stringify(PIPE)});`;

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
    await this.#player.must(PM2, 'delete', NAME);
  }
}
