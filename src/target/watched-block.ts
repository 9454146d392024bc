import { isModule, isMonitorProcess } from '../pm2/monitor-process.ts';
import type { ManagedProcess } from '../pm2/process.ts';

/** The block that `pm2-liveness watch` wrote for the app of this name; undefined where there is none. */
export type BlockOf = (name: string) => unknown;

/**
 * The process with the block in force: its own, which PM2 has, else that of `watched.json`. A monitor has none
 * there.
 */
export function withWatchedBlock(process: ManagedProcess, blockOf: BlockOf): ManagedProcess {
  if (process.block !== undefined) return process;
  const block = blockOf(process.name);
  if (block === undefined || isMonitorProcess(process)) return process;
  return { ...process, block, blockFrom: 'watched.json' };
}

/** The names of the apps that nobody watches, sorted: without blocks, and neither monitors nor modules. */
export function findUnwatched(
  processes: readonly ManagedProcess[],
  blockOf: BlockOf,
): readonly string[] {
  const watched = new Set<string>();
  const others = new Set<string>();
  for (const process of processes) {
    const { name, block } = process;
    if (block !== undefined || blockOf(name) !== undefined) watched.add(name);
    else if (!isModule(process) && !isMonitorProcess(process)) others.add(name);
  }
  return [...others].filter((name) => !watched.has(name)).toSorted();
}
