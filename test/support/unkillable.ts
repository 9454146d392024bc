import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { until } from './until.ts';

/** A process that no signal stops until it is released; then its SIGKILL takes effect. */
export interface Unkillable {
  letGo(): Promise<void>;
}

/**
 * Loaded into PM2's daemon by NODE_OPTIONS: the process whose pid is in the file gets none of the signals
 * that stop. For PM2 it is like one that waits for a network drive.
 */
export async function deafHook(folder: string): Promise<{ hook: string; deaf: string }> {
  const [hook, deaf] = [join(folder, 'deaf.cjs'), join(folder, 'deaf')];
  await writeFile(
    hook,
    `const { readFileSync } = require('node:fs');
     const kill = process.kill;
     const deaf = () => { try { return readFileSync(${JSON.stringify(deaf)}, 'utf8'); } catch { return ''; } };
     process.kill = (pid, signal) => {
       const isMeant = String(Math.abs(pid)) === deaf() && signal !== 0;
       return isMeant ? true : kill.call(process, pid, signal);
     };\n`,
  );
  return { hook, deaf };
}

/** Makes a process hang, and ignore the signals of the PM2 whose daemon has the hook. */
export async function deafen(pid: number, deaf: string): Promise<Unkillable> {
  await writeFile(deaf, String(pid));
  process.kill(pid, 'SIGSTOP');
  return {
    async letGo() {
      await rm(deaf, { force: true });
      process.kill(pid, 'SIGKILL');
    },
  };
}

const FREEZER = '/sys/fs/cgroup/freezer';

/** True where processes can be frozen so that not even SIGKILL stops them: cgroup v1, as root. */
export function canFreeze(): boolean {
  const group = join(FREEZER, `pl-can-${process.pid}`);
  try {
    mkdirSync(group);
    rmdirSync(group);
    return true;
  } catch {
    return false;
  }
}

/** Freezes a process: it waits in the kernel, and its SIGKILL takes effect only when it is released. */
export async function freeze(pid: number): Promise<Unkillable> {
  const group = join(FREEZER, `pl-${pid}`);
  mkdirSync(group);
  writeFileSync(join(group, 'cgroup.procs'), String(pid));
  writeFileSync(join(group, 'freezer.state'), 'FROZEN');
  await until('it is frozen', () => stateOf(group) === 'FROZEN');
  return {
    async letGo() {
      writeFileSync(join(group, 'freezer.state'), 'THAWED');
      await until('it is empty', () => {
        rmdirSync(group);
        return true;
      });
    },
  };
}

function stateOf(group: string): string {
  return readFileSync(join(group, 'freezer.state'), 'utf8').trim();
}
