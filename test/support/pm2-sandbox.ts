import { chown, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRequire } from 'node:module';
import { execa } from 'execa';
import { getStatus } from '../../src/control/client.ts';
import { socketPathOf } from '../../src/control/socket-path.ts';
import type { LivenessBlock } from '../../src/index.ts';
import type { StatusDocument, TargetStatus } from '../../src/report/status.ts';
import { callDaemon } from './pm2-rpc.ts';
import { until } from './until.ts';
import { chosenMajor, noteVersions, type Pm2Major } from './versions.ts';

const root = new URL('../..', import.meta.url).pathname;
const { resolve } = createRequire(import.meta.url);
const programs: Readonly<Record<Pm2Major, string>> = {
  '7': resolve('pm2/bin/pm2'),
  '6': resolve('pm2-6/bin/pm2'),
};

/** The flags that the monitor's ecosystem file has. */
export const MONITOR_FLAGS: readonly string[] = [
  '--max-semi-space-size=1',
  '--max-old-space-size=512',
];

/** One app of an ecosystem file, with the fields that the tests need. */
export interface App {
  readonly name: string;
  readonly script: string;
  readonly args?: readonly string[];
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly env_liveness?: LivenessBlock | Readonly<Record<string, unknown>>;
  readonly [field: string]: unknown;
}

/** One entry of `pm2 jlist`, with the fields that the tests need. */
export interface Listed {
  readonly name: string;
  readonly pm_id: number;
  readonly pid: number;
  readonly pm2_env: {
    readonly status: string;
    readonly node_version?: string;
    readonly restart_time: number;
    readonly axm_monitor: Readonly<Record<string, { readonly value: unknown }>>;
    readonly axm_actions: readonly { readonly action_name: string }[];
    readonly pm_exec_path: string;
  };
}

/** What a program printed: both streams in `text`, only standard output in `out`. */
export interface Ran {
  readonly exitCode: number | undefined;
  readonly text: string;
  readonly out: string;
}

/** The options of a sandbox. */
export interface SandboxOptions {
  /**
   * The version of PM2's program and daemon; the monitor's library is always that of PM2 7. Default: that of
   * the run.
   */
  readonly major?: Pm2Major;
  /** Put into the environment of the daemon and of everything else that runs here. */
  readonly env?: Readonly<Record<string, string>>;
  /** The user of the daemon and everything else here; only root can choose another. */
  readonly user?: { readonly uid: number; readonly gid: number };
}

/** A PM2 of its own: its daemon and files are in a temporary PM2_HOME, which `destroy` stops and removes. */
export class Pm2Sandbox {
  readonly home: string;
  readonly major: Pm2Major;
  readonly #env: Readonly<Record<string, string | undefined>>;
  readonly #program: string;
  readonly #user: { readonly uid: number; readonly gid: number } | undefined;
  readonly #seen = new Set<number>();

  private constructor(home: string, { major = chosenMajor(), env = {}, user }: SandboxOptions) {
    this.home = home;
    this.#user = user;
    this.major = major;
    this.#program = programs[major];
    const inherited = Object.entries(process.env).filter(
      ([name]) => !/^(npm_|pm2_|pm_|NODE_TEST|NODE_OPTIONS|LIVENESS_|APP_|HEALTH_)/i.test(name),
    );
    this.#env = { ...Object.fromEntries(inherited), ...env, PM2_HOME: home };
  }

  static async create(options: SandboxOptions = {}): Promise<Pm2Sandbox> {
    // Short, because the path of a local socket has room for about 100 characters.
    const home = await mkdtemp(join(tmpdir(), 'pl-'));
    // Without this file PM2's program asks its makers' server for news.
    await writeFile(join(home, 'touch'), '');
    if (options.user !== undefined) {
      const { uid, gid } = options.user;
      for (const path of [home, join(home, 'touch')]) await chown(path, uid, gid);
    }
    return new Pm2Sandbox(home, options);
  }

  /** Runs the pm2 program in this PM2_HOME. */
  async pm2(...args: string[]): Promise<Ran> {
    return this.run(process.execPath, [this.#program, ...args]);
  }

  /** Runs the pm2 program in this PM2_HOME, from a folder. */
  async pm2In(
    cwd: string,
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
  ): Promise<Ran> {
    return this.run(process.execPath, [this.#program, ...args], env, cwd);
  }

  /** Runs a program with this PM2_HOME in its environment. */
  async run(
    file: string,
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
    cwd = root,
  ): Promise<Ran> {
    const { exitCode, all, stdout } = await execa(file, args, {
      cwd,
      env: { ...this.#env, ...env },
      ...(this.#user && { ...this.#user }),
      extendEnv: false,
      all: true,
      reject: false,
      stdin: 'ignore',
      timeout: 100_000,
    });
    return { exitCode, text: all, out: stdout };
  }

  /** Starts apps from an ecosystem file, as a user does. */
  async start(...apps: readonly App[]): Promise<void> {
    const file = join(this.home, `eco-${apps.map(({ name }) => name).join('-')}.config.cjs`);
    await writeFile(file, `module.exports = ${JSON.stringify({ apps })};\n`);
    const { exitCode, text } = await this.pm2('start', file);
    if (exitCode !== 0) throw new Error(text);
    await this.list();
  }

  /** Starts the built monitor, as an ecosystem file does. */
  async startMonitor(
    env: Readonly<Record<string, string>> = {},
    nodeArgs: readonly string[] = [],
  ): Promise<void> {
    await this.start({
      name: 'pm2-liveness',
      script: join(root, 'dist/main.js'),
      cwd: root,
      pmx: false,
      node_args: [...MONITOR_FLAGS, ...nodeArgs],
      env,
    });
    await until('the monitor answers', async () => this.status());
  }

  async list(): Promise<Listed[]> {
    const list = (await callDaemon(this.home, 'getMonitorData')) as Listed[]; // PM2's own answer
    for (const { pid } of list) if (pid > 0) this.#seen.add(pid);
    return list;
  }

  async app(name: string): Promise<Listed> {
    const found = (await this.list()).find((entry) => entry.name === name);
    if (!found) throw new Error(`PM2 has no ${name}`);
    return found;
  }

  /** The document of `pm2-liveness status --json`; null where no monitor answers. */
  async status(): Promise<StatusDocument | null> {
    const document = await getStatus(socketPathOf(this.home).path, { timeoutMs: 2_000 }).catch(
      () => null,
    );
    if (document && document.monitor.state !== 'standby') return document;
    // As for a person: over PM2 where there is no socket.
    const { out } = await this.run(process.execPath, [
      join(root, 'dist/cli/main.js'),
      'status',
      '--json',
    ]);
    return out.startsWith('{') ? (JSON.parse(out) as StatusDocument) : null;
  }

  async target(name: string): Promise<TargetStatus> {
    const found = (await this.status())?.targets.find((target) => target.name === name);
    if (!found) throw new Error(`the monitor does not watch ${name}`);
    return found;
  }

  /** Waits until the monitor says that an app is in a state. */
  async reaches(
    name: string,
    state: TargetStatus['state'],
    withinMs = 20_000,
  ): Promise<TargetStatus> {
    return until(
      `${name} is ${state}`,
      async () => {
        const target = await this.target(name);
        if (target.state === state) return target;
        throw new Error(`${target.state}: ${target.summary}`);
      },
      { withinMs, everyMs: 200 },
    );
  }

  /** What an app (or the monitor) has printed so far. */
  async output(name: string): Promise<string> {
    const read = (kind: string): Promise<string> =>
      readFile(join(this.home, 'logs', `${name}-${kind}.log`), 'utf8').catch(() => '');
    return (await read('out')) + (await read('error'));
  }

  /** The lines of the monitor's log about an app, without their times. */
  async linesAbout(name: string): Promise<string[]> {
    const lines = (await this.output('pm2-liveness')).split('\n');
    return lines
      .map((line) => line.replace(/^\S+Z /, ''))
      .filter((line) => line.startsWith(`${name}: `));
  }

  /** The pid of its daemon; 0 where none has run. */
  async daemon(): Promise<number> {
    return Number(await readFile(join(this.home, 'pm2.pid'), 'utf8').catch(() => '0'));
  }

  /** Stops the daemon and everything it ran, and proves that all are gone. Idempotent. */
  async destroy(): Promise<void> {
    await noteVersions(this.home, await this.list().catch(() => []));
    const daemon = await this.daemon();
    if (daemon > 0) this.#seen.add(daemon);
    await this.pm2('kill');
    await until('every process of the sandbox is gone', () => {
      const alive = [...this.#seen].filter(isAlive);
      // Ours by their pid; a stopped one (SIGSTOP) does not react to PM2's SIGINT.
      for (const pid of alive) process.kill(pid, 'SIGKILL');
      return alive.length === 0;
    });
    await rm(this.home, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** A port of the loopback interface that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** Whether a process of this pid runs. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
