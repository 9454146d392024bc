import { readdirSync, readFileSync } from 'node:fs';

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly name: string;
  /** Its number in the innermost process namespace that it is in. */
  readonly inner: number;
}

/** The first process of the container that a supervisor runs; null while systemd has not taken over there. */
export function findLeader(supervisor: number): number | null {
  const found = below(supervisor).find(({ name, inner }) => name === 'systemd' && inner === 1);
  return found?.pid ?? null;
}

/** Kills a process of ours and everything below it at once. */
export function killTree(top: number): void {
  for (const { pid } of below(top)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It went with its parent.
    }
  }
}

/** A process and all its descendants. */
function below(top: number): readonly Process[] {
  const all = readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .flatMap((entry) => read(Number(entry)));
  const parents = new Map(all.map(({ pid, parent }) => [pid, parent]));
  const isBelow = (pid: number): boolean => {
    for (let at: number | undefined = pid; at !== undefined && at > 1; at = parents.get(at)) {
      if (at === top) return true;
    }
    return false;
  };
  return all.filter(({ pid }) => isBelow(pid));
}

function read(pid: number): Process[] {
  try {
    const text = readFileSync(`/proc/${pid}/status`, 'utf8');
    const field = (name: string): string =>
      new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(text)?.[1] ?? '';
    const inner = Number(field('NSpid').split(/\s+/).at(-1));
    return [{ pid, parent: Number(field('PPid')), name: field('Name'), inner }];
  } catch {
    // It has just ended.
    return [];
  }
}
