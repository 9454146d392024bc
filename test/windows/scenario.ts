import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { StatusDocument, TargetStatus } from '../../src/report/status.ts';
import { until } from '../support/until.ts';
import type { Machine, Ran } from './machine.ts';
import { CLI, FOLDER, PM2, PM2_HOME } from './project.ts';

/** Plays one check and says what was found; throws where it does not hold. */
export type Check = (what: string, look: () => Promise<string | void>) => Promise<void>;

/** PM2's stop and a start of Node take seconds under Wine. */
const BACK = { withinMs: 90_000, everyMs: 100 };

/** What is wrong with a page, and how many restarts are ours. */
const FAULTS = [
  ['crash', 0],
  ['500', 1],
  ['hang', 1],
  ['busy', 1],
] as const;

/** A dev server of plain Node under PM2 on Windows. */
export class Scenario {
  readonly #machine: Machine;
  readonly #port: number;
  readonly #check: Check;

  constructor(machine: Machine, port: number, check: Check) {
    this.#machine = machine;
    this.#port = port;
    this.#check = check;
  }

  async play(): Promise<void> {
    await this.#check('pm2 start of a file with CRLF, in a folder with a space', async () => {
      await this.#must(PM2, 'start', 'ecosystem.config.cjs');
      await until('it is healthy', async () => (await this.#web()).state === 'healthy', BACK);
    });
    for (const [fault, restarts] of FAULTS) {
      await this.#check(`${fault}: back, restarts of ours: ${restarts}`, () =>
        this.#survives(fault, restarts),
      );
    }
    await this.#check('what PM2 stops stays stopped', () => this.#staysStopped());
    await this.#check('status, describe, events, check and config say what is known', () =>
      this.#says(),
    );
    await this.#check('doctor asks for pm2 save, and not after it', () => this.#doctor());
    await this.#check('init writes a file for a project with Vite', () => this.#init());
  }

  async #survives(fault: string, wanted: number): Promise<string> {
    const before = await this.#web();
    const page = await this.#page('');
    const began = performance.now();
    await this.#page(fault).catch(() => null);
    await until(
      'another process answers',
      async () => ![null, page].includes(await this.#page('').catch(() => null)),
      BACK,
    );
    const seconds = ((performance.now() - began) / 1_000).toFixed(1);
    // After a crash, the monitor may not have seen yet that there is a new process: what was never good is only waited for.
    await until('the new process is seen to be healthy', () => this.#isSeenHealthy(), BACK);
    const { restarts } = await this.#web();
    assert.equal(restarts.total - before.restarts.total, wanted);
    return `200 after ${seconds} s`;
  }

  async #isSeenHealthy(): Promise<boolean> {
    const { state, pid } = await this.#web();
    return state === 'healthy' && (await this.#page('')) === `page ${pid}`;
  }

  async #staysStopped(): Promise<void> {
    const { restarts } = await this.#web();
    await this.#must(PM2, 'stop', 'web');
    await sleep(8_000);
    assert.equal(await this.#page('').catch(() => null), null);
    const after = await this.#web();
    assert.deepEqual([after.state, after.restarts.total], ['paused', restarts.total]);
    await this.#must(PM2, 'start', 'web');
    await until('it is healthy', async () => (await this.#web()).state === 'healthy', BACK);
  }

  async #says(): Promise<void> {
    assert.match(await this.#must(CLI, 'status'), /^web +healthy/m);
    // Wine's netstat names no process.
    assert.match(await this.#must(CLI, 'describe', 'web'), /it is not known who answers/);
    const events = await this.#must(CLI, 'events');
    assert.match(events, /web +restart +crashed after .*exit code 3/);
    assert.match(events, /web +opened +timeout: no answer within 1000 ms/);
    assert.match(await this.#must(CLI, 'check', '--all'), /^web +ok/m);
    assert.match(await this.#must(CLI, 'config', 'print', 'web'), /period +1s +env_liveness/);
  }

  async #doctor(): Promise<void> {
    const before = await this.#run(CLI, 'doctor');
    assert.match(before.text, /bad +saved list .*C:\\pm2 home\\dump\.pm2 does not exist/);
    await this.#must(PM2, 'save');
    const { exitCode, text } = await this.#run(CLI, 'doctor');
    assert.equal(exitCode, 0, text);
    assert.doesNotMatch(text, /^bad/m);
  }

  async #init(): Promise<void> {
    const folder = join(this.#machine.drive, 'new app');
    await mkdir(folder);
    const project = { name: 'new-app', scripts: { dev: 'vite' }, devDependencies: { vite: '^7' } };
    await writeFile(join(folder, 'package.json'), JSON.stringify(project));
    const { exitCode, text } = await this.#machine.node(
      'new app',
      [`C:\\${FOLDER}\\${CLI.replaceAll('/', '\\')}`, 'init', '--yes'],
      { env: { PM2_HOME } },
    );
    assert.equal(exitCode, 0, text);
    const written = await readFile(join(folder, 'ecosystem.config.cjs'), 'utf8');
    assert.match(written, /vite: 'http:\/\/localhost:5173\/'/);
    assert.match(written, /script: 'C:\\\\my app\\\\node_modules/);
  }

  /** The body of the page; throws where there is no good answer. */
  async #page(fault: string): Promise<string | null> {
    const url = `http://127.0.0.1:${this.#port}/${fault}`;
    const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
    return response.ok ? response.text() : null;
  }

  async #web(): Promise<TargetStatus> {
    const { text } = await this.#run(CLI, 'status', '--json');
    const { targets } = JSON.parse(text) as StatusDocument;
    const [web] = targets;
    assert.ok(web, text);
    return web;
  }

  async #must(...words: readonly string[]): Promise<string> {
    const { exitCode, text } = await this.#run(...words);
    assert.equal(exitCode, 0, `${words.join(' ')}: ${text}`);
    return text;
  }

  #run(...words: readonly string[]): Promise<Ran> {
    return this.#machine.node(FOLDER, words, { env: { PM2_HOME } });
  }
}
