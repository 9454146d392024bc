import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TargetStatus } from '../../src/report/status.ts';
import { freePort, type Pm2Sandbox } from '../support/pm2-sandbox.ts';
import { holds, until } from '../support/until.ts';

const packages = join(import.meta.dirname, '../../example/recipes/node_modules');

/** Each tool by its command line, and what the sentence calls it. */
export const TOOLS = {
  npm: { words: ['npm', 'install', '--offline', '--no-audit', '--no-fund'], label: 'npm install' },
  'npm-ci': { words: ['npm', 'ci', '--offline', '--no-audit', '--no-fund'], label: 'npm ci' },
  pnpm: {
    words: [process.execPath, join(packages, 'pnpm/bin/pnpm.cjs'), 'install', '--offline'],
    label: 'pnpm install',
  },
  yarn: { words: [process.execPath, join(packages, 'yarn/bin/yarn.js')], label: 'yarn install' },
  bun: { words: [join(packages, 'bun/bin/bun.exe'), 'install'], label: 'bun install' },
} as const;

/** The name of one of them. */
export type Tool = keyof typeof TOOLS;

/** A step of an install that lasts until the file it makes is taken away. */
const BUILD = `const fs = require('fs');
if (process.env.SLOW) { fs.writeFileSync(process.env.SLOW, 'yes');
setInterval(() => fs.existsSync(process.env.SLOW) || process.exit(0), 100); }`;

const SERVER = `const text = require('greeting');
require('http').createServer((_, answer) => answer.end(text)).listen(Number(process.env.PORT), '127.0.0.1');`;

/** An app in a project whose package was put there by a real installer. */
export class Project {
  readonly tool: Tool;
  readonly folder: string;
  readonly port: number;
  readonly #sandbox: Pm2Sandbox;

  private constructor(tool: Tool, folder: string, port: number, sandbox: Pm2Sandbox) {
    this.tool = tool;
    this.folder = folder;
    this.port = port;
    this.#sandbox = sandbox;
  }

  static async create(tool: Tool, home: string, sandbox: Pm2Sandbox): Promise<Project> {
    const folder = join(home, tool);
    await mkdir(join(folder, 'greeting'), { recursive: true });
    const project = new Project(tool, folder, await freePort(), sandbox);
    await project.#write('greeting/index.js', `module.exports = 'well';`);
    await project.#write('greeting/package.json', { name: 'greeting', version: '1.0.0' });
    await project.#write('build.js', BUILD);
    await project.#write('server.cjs', SERVER);
    await project.#write('package.json', {
      name: tool,
      version: '1.0.0',
      private: true,
      scripts: { postinstall: 'node build.js' },
      dependencies: { greeting: 'file:./greeting' },
    });
    if (tool === 'npm-ci') await project.#run(TOOLS.npm.words);
    else await project.install();
    return project;
  }

  #write(name: string, content: unknown): Promise<void> {
    const text = typeof content === 'string' ? content : JSON.stringify(content);
    return writeFile(join(this.folder, name), text);
  }

  /** Whose installer waits in its last step. */
  get busyFile(): string {
    return join(this.folder, 'installing');
  }

  install(env: Readonly<Record<string, string>> = {}): Promise<void> {
    return this.#run(TOOLS[this.tool].words, env);
  }

  async #run(words: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<void> {
    const [file = '', ...args] = words;
    const own = { HOME: this.folder, XDG_CONFIG_HOME: this.folder, XDG_CACHE_HOME: this.folder };
    const child = spawn(file, args, {
      cwd: this.folder,
      env: { PATH: process.env['PATH'], CI: 'true', ...own, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let text = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (part) => (text += part));
    const [code] = await once(child, 'exit');
    assert.equal(code, 0, text);
  }

  /** An installer that is killed, with all that it started, once it has taken the app's package away. */
  async killInstall(): Promise<void> {
    const installed = join(this.folder, 'node_modules/greeting');
    for (let tries = 0; existsSync(installed); tries += 1) {
      assert.ok(tries < 20, 'it was never seen to be half done');
      const [file = '', ...args] = TOOLS[this.tool].words;
      const env = { PATH: process.env['PATH'], CI: 'true', HOME: this.folder };
      const options = { cwd: this.folder, env, stdio: 'ignore', detached: true } as const;
      const child = spawn(file, args, options);
      const ended = once(child, 'exit');
      const hasEnded = (): boolean => child.exitCode !== null;
      const isDue = (): boolean => !existsSync(installed) || hasEnded();
      await until('it takes the package away', isDue, { withinMs: 90_000, everyMs: 1 });
      if (child.pid !== undefined && !hasEnded()) process.kill(-child.pid, 'SIGKILL');
      await ended;
    }
  }

  /** An installer that is at work until `release` is called. */
  async beginInstall(): Promise<{ readonly release: () => Promise<void> }> {
    const ended = this.install({ SLOW: this.busyFile });
    ended.catch(() => undefined);
    await until(`${this.tool} is at work`, () => existsSync(this.busyFile), { withinMs: 90_000 });
    const release = async (): Promise<void> => {
      await rm(this.busyFile, { force: true });
      await ended;
    };
    return { release };
  }

  entry() {
    return {
      name: this.tool,
      script: join(this.folder, 'server.cjs'),
      cwd: this.folder,
      env: { PORT: String(this.port) },
      max_restarts: 2,
      // PM2 counts only within this time, twice, since the app was first started.
      min_uptime: 3_600_000,
      env_liveness: {
        http: `http://127.0.0.1:${this.port}/`,
        period: '1s',
        timeout: '2s',
        failureThreshold: 3,
        restarts: { cooldown: '15m' },
      },
    };
  }

  /** Waits until restarts are held for this reason, and sees that they are for a while. */
  async isHeld(reason: RegExp): Promise<TargetStatus> {
    const target = await until(
      `${this.tool} is held`,
      async () => {
        const now = await this.#sandbox.target(this.tool);
        if (now.deploy === undefined) throw new Error(`${now.state}: ${now.summary}`);
        assert.match(now.deploy.reason, reason);
        assert.match(now.summary, /held: /);
        return now;
      },
      { withinMs: 90_000, everyMs: 200 },
    );
    const { total } = target.restarts;
    await holds('no restart of ours', 5_000, async () => {
      return (await this.#sandbox.target(this.tool)).restarts.total === total;
    });
    return target;
  }
}
