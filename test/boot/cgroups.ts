import { existsSync, mkdirSync, readdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { codeOf } from '../../src/errors.ts';
import { until } from '../support/until.ts';

/** The hierarchies in which systemd sorts its services: one on a system of today, two on a hybrid one. */
const MOUNTS = ['/sys/fs/cgroup', '/sys/fs/cgroup/unified', '/sys/fs/cgroup/systemd'];

/** Control groups of our own for one container, so that no other one on this machine meets it. */
export class Cgroups {
  readonly #folders: readonly string[];

  constructor(name: string) {
    const mounts = MOUNTS.filter((mount) => existsSync(join(mount, 'cgroup.procs')));
    this.#folders = mounts.map((mount) => join(mount, name));
  }

  /** A line for a shell that takes the shell, and what it becomes, into them. */
  create(): string {
    for (const folder of this.#folders) mkdirSync(folder, { recursive: true });
    return this.#folders.map((folder) => `echo $$ > ${folder}/cgroup.procs`).join(' && ');
  }

  /** Takes them away once their processes are gone. Idempotent. */
  async remove(): Promise<void> {
    for (const folder of this.#folders) {
      await until(`${folder} is empty`, () => removeTree(folder), { withinMs: 10_000 });
    }
  }
}

/** Groups have files that nobody can remove; the folders go from the innermost outwards. */
function removeTree(folder: string): boolean {
  try {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (entry.isDirectory()) removeTree(join(folder, entry.name));
    }
    rmdirSync(folder);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
  return true;
}
