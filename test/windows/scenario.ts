import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Player } from './player.ts';
import { CLI, FOLDER, PM2, PM2_HOME } from './project.ts';

/** Plays one check and says what was found; throws where it does not hold. */
export type Check = (what: string, look: () => Promise<string | void>) => Promise<void>;

/** What is wrong with a page, and how many restarts are ours. */
const FAULTS = [
  ['crash', 0],
  ['500', 1],
  ['hang', 1],
  ['busy', 1],
] as const;

/** A dev server of plain Node under PM2 on Windows. */
export class Scenario {
  readonly #player: Player;
  readonly #check: Check;

  constructor(player: Player, check: Check) {
    this.#player = player;
    this.#check = check;
  }

  async start(): Promise<void> {
    await this.#check('pm2 start of a file with CRLF, in a folder with a space', async () => {
      await this.#player.must(PM2, 'start', 'ecosystem.config.cjs');
      await this.#player.untilHealthy();
    });
  }

  async play(): Promise<void> {
    for (const [fault, restarts] of FAULTS) {
      await this.#check(`${fault}: back, restarts of ours: ${restarts}`, () =>
        this.#player.survives(fault, restarts),
      );
    }
    await this.#check('what PM2 stops stays stopped', () => this.#staysStopped());
    await this.#check('status, describe, events, check and config say what is known', () =>
      this.#says(),
    );
    await this.#check('doctor asks for pm2 save, and not after it', () => this.#doctor());
    await this.#check('init writes a file for a project with Vite', () => this.#init());
  }

  async #staysStopped(): Promise<void> {
    const { restarts } = await this.#player.target();
    await this.#player.must(PM2, 'stop', 'web');
    await sleep(8_000);
    assert.equal(await this.#player.page(), null);
    const after = await this.#player.target();
    assert.deepEqual([after.state, after.restarts.total], ['paused', restarts.total]);
    await this.#player.must(PM2, 'start', 'web');
    await this.#player.untilHealthy();
  }

  async #says(): Promise<void> {
    assert.match(await this.#player.must(CLI, 'status'), /^web +healthy/m);
    // Wine's netstat names no process.
    assert.match(await this.#player.must(CLI, 'describe', 'web'), /it is not known who answers/);
    const events = await this.#player.must(CLI, 'events');
    assert.match(events, /web +restart +crashed after .*exit code 3/);
    assert.match(events, /web +opened +timeout: no answer within 1000 ms/);
    assert.match(await this.#player.must(CLI, 'check', '--all'), /^web +ok/m);
    assert.match(
      await this.#player.must(CLI, 'config', 'print', 'web'),
      /period +1s +env_liveness/,
    );
  }

  async #doctor(): Promise<void> {
    const before = await this.#player.run(CLI, 'doctor');
    assert.match(before.text, /bad +saved list .*C:\\pm2 home\\dump\.pm2 does not exist/);
    await this.#player.must(PM2, 'save');
    const { exitCode, text } = await this.#player.run(CLI, 'doctor');
    // A busy machine is slow, and doctor says so; nothing else is bad.
    const others = text.replace(/^bad +monitor +PM2 is slow: .*$/m, '');
    assert.equal(exitCode, others === text ? 0 : 1, text);
    assert.doesNotMatch(others, /^bad/m);
    const own = await this.#player.machine.node(FOLDER, [CLI, 'doctor']);
    assert.match(
      own.text,
      /C:\\users\\[^\\]+\\\.pm2\\dump\.pm2 does not exist/i,
      'of %USERPROFILE%',
    );
  }

  async #init(): Promise<void> {
    const folder = join(this.#player.machine.drive, 'new app');
    await mkdir(folder);
    const project = { name: 'new-app', scripts: { dev: 'vite' }, devDependencies: { vite: '^7' } };
    await writeFile(join(folder, 'package.json'), JSON.stringify(project));
    const { exitCode, text } = await this.#player.machine.node(
      'new app',
      [`C:\\${FOLDER}\\${CLI.replaceAll('/', '\\')}`, 'init', '--yes'],
      { env: { PM2_HOME } },
    );
    assert.equal(exitCode, 0, text);
    const written = await readFile(join(folder, 'ecosystem.config.cjs'), 'utf8');
    assert.match(written, /vite: 'http:\/\/localhost:5173\/'/);
    assert.match(written, /script: 'C:\\\\my app\\\\node_modules/);
  }
}
