import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { manifestIn, runtimeStock } from './installed-packages.ts';
import { OfflineRegistry } from './offline-registry.ts';
import { Pm2Sandbox, type Listed, type Ran } from './pm2-sandbox.ts';
import { until } from './until.ts';

const root = new URL('../..', import.meta.url).pathname;

/** The name of the module, of its process and of its settings. */
export const MODULE = 'pm2-liveness';

/**
 * A PM2 of its own into which the packed tarball can be installed, without a network except loopback: npm
 * gets its packages from a registry that has only those of run time.
 */
export class ModuleHome {
  readonly sandbox: Pm2Sandbox;
  readonly registry: OfflineRegistry;
  /** Absolute path of the packed project. */
  readonly tarball: string;
  /** For files that must be outside PM2_HOME; removed by `destroy`. */
  readonly folder: string;

  private constructor(
    sandbox: Pm2Sandbox,
    registry: OfflineRegistry,
    tarball: string,
    folder: string,
  ) {
    this.sandbox = sandbox;
    this.registry = registry;
    this.tarball = tarball;
    this.folder = folder;
  }

  static async create(): Promise<ModuleHome> {
    const folder = await mkdtemp(join(tmpdir(), 'pl-install-'));
    const registry = await OfflineRegistry.open(runtimeStock(root));
    const env = await offlineEnv(folder, registry.url);
    const sandbox = await Pm2Sandbox.create({ env });
    return new ModuleHome(sandbox, registry, await pack(root, folder), folder);
  }

  /** `pm2 install <absolute path>`; waits until the module answers as the leader. */
  async install(tarball = this.tarball): Promise<Ran> {
    const ran = await this.sandbox.pm2('install', tarball);
    assert.equal(ran.exitCode, 0, ran.text);
    await this.leads();
    return ran;
  }

  async uninstall(): Promise<void> {
    const { exitCode, text } = await this.sandbox.pm2('uninstall', MODULE);
    assert.equal(exitCode, 0, text);
  }

  /** `pm2 set pm2-liveness:<key> <value>`, which restarts the module; waits for the new process. */
  async set(key: string, value: string): Promise<void> {
    const { pid } = await this.module();
    const { exitCode, text } = await this.sandbox.pm2('set', `${MODULE}:${key}`, value);
    assert.equal(exitCode, 0, text);
    assert.notEqual((await this.leads()).pid, pid);
  }

  /** The module as PM2 lists it. */
  async module(): Promise<Listed> {
    return this.sandbox.app(MODULE);
  }

  /** Waits until the process that PM2 lists as the module leads. */
  async leads(): Promise<Listed> {
    return until('the module leads', async () => {
      const module = await this.module();
      const monitor = (await this.sandbox.status())?.monitor;
      if (monitor?.pid === module.pid && monitor.state === 'active') return module;
      throw new Error(`PM2 runs ${module.pid}, ${JSON.stringify(monitor)} leads`);
    });
  }

  /** The same tarball under another version. */
  async repack(version: string): Promise<string> {
    const copy = join(this.folder, version);
    await mkdir(copy);
    await execa('tar', ['-xzf', this.tarball, '-C', copy]);
    const unpacked = join(copy, 'package');
    const manifest = { ...manifestIn(unpacked), version };
    await writeFile(join(unpacked, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
    return pack(unpacked, this.folder);
  }

  async destroy(): Promise<void> {
    await this.sandbox.destroy();
    await this.registry.close();
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** `npm pack` of a folder as it is, without a new build; returns the tarball's absolute path. */
export async function pack(dir: string, into: string): Promise<string> {
  const quiet = ['--silent', '--offline', '--no-update-notifier'];
  const flags = ['--ignore-scripts', ...quiet, '--pack-destination', into];
  const { stdout } = await execa('npm', ['pack', ...flags], { cwd: dir });
  return join(into, stdout.trim());
}

/** All network access of npm goes to the registry, and its files into the folder. */
export async function offlineEnv(
  folder: string,
  registry: string,
): Promise<Readonly<Record<string, string>>> {
  const [home, temp] = [join(folder, 'home'), join(folder, 'tmp')];
  await Promise.all([home, temp].map((dir) => mkdir(dir)));
  const proxies = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'NO_PROXY'];
  return {
    // PM2 runs npm in HOME, and copies what an upgrade replaces into TMPDIR.
    HOME: home,
    TMPDIR: temp,
    ...Object.fromEntries(
      proxies.flatMap((name) => [
        [name, ''],
        [name.toLowerCase(), ''],
      ]),
    ),
    npm_config_registry: registry,
    npm_config_cache: join(folder, 'cache'),
    npm_config_userconfig: join(home, '.npmrc'),
    npm_config_globalconfig: join(home, 'npmrc'),
    npm_config_audit: 'false',
    npm_config_fund: 'false',
    npm_config_update_notifier: 'false',
    npm_config_fetch_retries: '0',
  };
}
