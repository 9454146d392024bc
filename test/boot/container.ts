import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { execa } from 'execa';
import { until } from '../support/until.ts';
import { Cgroups } from './cgroups.ts';
import { ownClock } from './own-clock.ts';
import { findLeader, killTree } from './processes.ts';

/** What a program in the container printed, both streams in one. */
interface Ran {
  readonly exitCode: number | undefined;
  readonly text: string;
}

/** Another user, folder or variables than root's own. */
export interface ExecOptions {
  readonly user?: string;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

const NSPAWN_RUN = '/run/systemd/nspawn';
const SEARCH_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** A machine of its own: a copy of a root folder, booted by its own systemd, with a network of its own. */
export class Container {
  /** Its root folder, whole: it outlives every boot. */
  readonly root: string;
  readonly #folder: string;
  readonly #name: string;
  readonly #binds: readonly string[];
  readonly #cgroups: Cgroups;
  /** Ends what still asks in it once it is destroyed. */
  readonly #gone = new AbortController();
  readonly #hadNspawnRun = existsSync(NSPAWN_RUN);
  #supervisor: ChildProcess | null = null;
  #leader = 0;
  #console = '';

  private constructor(folder: string, binds: readonly string[]) {
    this.#folder = folder;
    this.#name = basename(folder);
    this.root = join(folder, 'root');
    this.#binds = binds;
    this.#cgroups = new Cgroups(this.#name);
  }

  /** Copies `base`; `binds` are folders of this machine, `from:to`, seen in the container but not to be changed. */
  static async create(base: string, binds: readonly string[]): Promise<Container> {
    const container = new Container(await mkdtemp(join(tmpdir(), 'pl-boot-')), binds);
    try {
      await execa('cp', ['-a', '--reflink=auto', base, container.root]);
    } catch (error) {
      await container.destroy();
      throw error;
    }
    return container;
  }

  /** Switches it on and ends when systemd runs in it as the first process. */
  async boot(): Promise<void> {
    this.#gone.signal.throwIfAborted();
    const command = [...(await ownClock()), 'systemd-nspawn', ...this.#options()];
    const script = `${this.#cgroups.create()} && exec "$@"`;
    const supervisor = spawn('sh', ['-c', script, 'sh', ...command], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#supervisor = supervisor;
    this.#console = '';
    for (const stream of [supervisor.stdout, supervisor.stderr]) {
      stream.on('data', (data: Buffer) => (this.#console += data.toString()));
    }
    this.#leader = await until('systemd runs in the container', () => {
      if (supervisor.exitCode !== null) throw new Error(`it has ended: ${this.#console}`);
      return findLeader(Number(supervisor.pid));
    });
  }

  /** Runs a program in it, as root with a plain environment; returns its output with any exit code. */
  async exec(command: readonly string[], options: ExecOptions = {}): Promise<Ran> {
    const { user = 'root', cwd = '/', env = {} } = options;
    const home = user === 'root' ? '/root' : `/home/${user}`;
    const plain = {
      HOME: home,
      USER: user,
      LOGNAME: user,
      LANG: 'C.UTF-8',
      PATH: SEARCH_PATH,
      ...env,
    };
    const variables = Object.entries(plain).map(([name, value]) => `${name}=${value}`);
    const asUser = user === 'root' ? [] : ['runuser', '-u', user, '--'];
    const inside = [...asUser, 'env', '-i', '-C', cwd, ...variables, ...command];
    const { exitCode, all } = await execa(
      'nsenter',
      ['-t', String(this.#leader), '-a', ...inside],
      {
        all: true,
        reject: false,
        stdin: 'ignore',
        timeout: 100_000,
        cancelSignal: this.#gone.signal,
      },
    );
    return { exitCode, text: all };
  }

  /** The same, but it must end with 0. */
  async must(command: readonly string[], options: ExecOptions = {}): Promise<string> {
    const { exitCode, text } = await this.exec(command, options);
    if (exitCode !== 0) throw new Error(`${command.join(' ')} ended with ${exitCode}: ${text}`);
    return text;
  }

  /** Waits for a good answer of a page, asked in the container's network by a program that stays outside. */
  async firstAnswer(url: string, text: string, withinMs: number): Promise<void> {
    const asking = [process.execPath, join(import.meta.dirname, 'first-answer.mjs'), url, text];
    const { timedOut, exitCode, all } = await execa(
      'nsenter',
      ['-t', String(this.#leader), '-n', ...asking],
      {
        all: true,
        reject: false,
        stdin: 'ignore',
        timeout: withinMs,
        cancelSignal: this.#gone.signal,
      },
    );
    if (timedOut) throw new Error(`no good answer of ${url} within ${withinMs} ms`);
    if (exitCode !== 0) throw new Error(`asking ${url} failed: ${all}`);
  }

  /** What is to be read when something went wrong: its console, and the end of its journal. */
  async report(): Promise<string> {
    if (this.#leader === 0) return this.#console;
    const { text } = await this.exec(['journalctl', '-b', '--no-pager', '-n', '80']);
    return this.#console + text;
  }

  /** Shuts it down in good order. */
  async powerOff(): Promise<void> {
    // Its answer may be lost: the bus goes down too.
    await this.exec(['systemctl', 'poweroff']);
    await this.#ended();
  }

  /** Takes its power away: every process in it dies in the same moment, and nothing gets to write. */
  async cut(): Promise<void> {
    if (this.#leader > 0) process.kill(this.#leader, 'SIGKILL');
    await this.#ended();
  }

  /** Ends it and takes away all there is of it. Idempotent. */
  async destroy(): Promise<void> {
    this.#gone.abort(new Error('the container has been destroyed'));
    // Also one that got stuck half-way, of which no first process is known.
    if (this.#supervisor !== null && this.#leader === 0) killTree(Number(this.#supervisor.pid));
    await this.cut();
    await this.#cgroups.remove();
    const run = this.#hadNspawnRun ? join(NSPAWN_RUN, 'propagate', this.#name) : NSPAWN_RUN;
    await rm(run, { recursive: true, force: true });
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 5 });
  }

  async #ended(): Promise<void> {
    const supervisor = this.#supervisor;
    if (supervisor !== null && supervisor.exitCode === null && supervisor.signalCode === null) {
      await once(supervisor, 'exit', { signal: AbortSignal.timeout(60_000) });
    }
    this.#supervisor = null;
    this.#leader = 0;
  }

  #options(): string[] {
    return [
      `--directory=${this.root}`,
      `--machine=${this.#name}`,
      '--boot',
      // Neither a login manager nor a systemd of this machine is needed, or asked.
      '--register=no',
      '--keep-unit',
      '--settings=no',
      '--link-journal=no',
      '--private-network',
      '--resolv-conf=off',
      '--timezone=off',
      '--console=pipe',
      ...this.#binds.map((bind) => `--bind-ro=${bind}`),
    ];
  }
}
