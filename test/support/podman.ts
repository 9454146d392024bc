import { cp, mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { baseRoot } from '../boot/base-root.ts';
import { ensureTools } from './debian-tools.ts';

const PROGRAMS = { podman: 'podman', buildah: 'buildah', runc: 'runc', debootstrap: 'debootstrap' };

/** The official image of Node as far as our Dockerfile needs it: a Debian, Node, npm and a user `node`. */
const BASE = `FROM scratch
ADD root.tar /
COPY node /usr/local/bin/node
COPY npm /usr/local/lib/node_modules/npm
RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm \\
  && ln -s ../lib/node_modules/npm/bin/npx-cli.js /usr/local/bin/npx \\
  && useradd --uid 1000 --create-home node
`;

/** What a command in a container printed, both streams in one. */
export interface Ran {
  readonly code: number | undefined;
  readonly text: string;
}

/** A store of images and containers of its own, with an image of Node made from Debian's packages. */
export class Podman {
  readonly folder: string;
  readonly image = 'localhost/node:slim';

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** Throws CannotPlay where there is no podman, and none to install. */
  static async create(signal: AbortSignal): Promise<Podman> {
    await ensureTools(PROGRAMS);
    const base = await baseRoot(signal);
    const podman = new Podman(await mkdtemp(join(tmpdir(), 'pl-podman-')));
    try {
      await podman.#makeImage(base);
      return podman;
    } catch (error) {
      await podman.destroy();
      throw error;
    }
  }

  /** Throws where the command fails. */
  async must(...words: readonly string[]): Promise<string> {
    const { code, text } = await this.run(...words);
    if (code !== 0) throw new Error(`podman ${words.join(' ')}: exit code ${code}\n${text}`);
    return text;
  }

  async run(...words: readonly string[]): Promise<Ran> {
    // vfs and runc run where a kernel gives neither overlays nor cgroups of version 2.
    const store = [
      `--root=${this.folder}/store`,
      `--runroot=${this.folder}/run`,
      '--storage-driver=vfs',
      '--runtime=/usr/sbin/runc',
      '--cgroup-manager=cgroupfs',
      '--events-backend=file',
    ];
    const { exitCode, all } = await execa('podman', [...store, ...words], {
      all: true,
      reject: false,
      stdin: 'ignore',
      timeout: 300_000,
    });
    return { code: exitCode, text: all };
  }

  /** One layer, because each costs a copy of all below it here. */
  async build(folder: string, tag: string, ...options: readonly string[]): Promise<void> {
    const fixed = ['--isolation=chroot', '--network=host', '--format=docker', '--layers=false'];
    await this.must('build', ...fixed, ...options, `--tag=${tag}`, folder);
  }

  async destroy(): Promise<void> {
    await this.run('rm', '--all', '--force', '--time=0');
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  async #makeImage(base: string): Promise<void> {
    const folder = join(this.folder, 'base');
    await mkdir(folder);
    const left = ['proc', 'sys', 'var/cache', 'usr/share/doc', 'usr/share/locale', 'usr/share/man'];
    const without = left.map((path) => `--exclude=./${path}/*`);
    await execa('tar', ['-C', base, ...without, '-cf', join(folder, 'root.tar'), '.']);
    const { stdout: npm } = await execa('npm', ['root', '--global']);
    await cp(await realpath(process.execPath), join(folder, 'node'));
    await cp(join(npm, 'npm'), join(folder, 'npm'), { recursive: true });
    await writeFile(join(folder, 'Dockerfile'), BASE);
    await this.build(folder, this.image);
    await rm(folder, { recursive: true });
  }
}
