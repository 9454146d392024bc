import { spawn, type ChildProcess } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { askAgent } from '../../src/agent/client.ts';
import type { AgentAnswer, AgentAsk } from '../../src/agent/shapes.ts';
import { until } from './until.ts';

const root = new URL('../..', import.meta.url).pathname;

/** The built agent: a thread starts from a file that runs without a loader. */
export const AGENT = join(root, 'dist/agent/entry.js');
export const HANGING_APP = join(root, 'test/support/hangs/app.mjs');

/** A PM2_HOME with our folder in it, where a monitor would have made it. */
export async function agentHome(): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), 'pl-'));
  await mkdir(join(home, 'pm2-liveness'), { mode: 0o700 });
  return home;
}

/** A process with the agent, as PM2 would start it. */
export class AgentApp {
  readonly home: string;
  readonly child: ChildProcess;
  #text = '';

  constructor(home: string, nodeArgs: readonly string[], args: readonly string[], env = {}) {
    this.home = home;
    const options = ['--import', AGENT, ...nodeArgs, ...args];
    const { PATH } = process.env;
    this.child = spawn(process.execPath, options, {
      cwd: root,
      env: { PATH, PM2_HOME: home, pm_id: '0', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.child.stdout, this.child.stderr])
      stream?.on('data', (piece: Buffer) => {
        this.#text += piece.toString('utf8');
      });
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** What it printed. */
  get text(): string {
    return this.#text;
  }

  /** The names of agents' sockets. */
  async sockets(): Promise<readonly string[]> {
    const names = await readdir(join(this.home, 'pm2-liveness'));
    return names.filter((name) => name.startsWith(`a${this.pid}-`));
  }

  /** Waits for the agent's first answer. */
  async begun(): Promise<void> {
    await until('the agent answers', () => this.ask());
  }

  async port(): Promise<number> {
    await until('the app listens', () => this.#text.includes('listens on'));
    return Number(/listens on (\d+)/.exec(this.#text)?.[1]);
  }

  ask(ask: AgentAsk = 'look', ms = 5_000): Promise<AgentAnswer | null> {
    return askAgent(this.home, { pid: this.pid, birth: null }, ask, ms);
  }

  async stop(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      const ended = once(this.child, 'exit');
      this.child.kill('SIGKILL');
      await ended;
    }
    await rm(this.home, { recursive: true, force: true });
  }
}
