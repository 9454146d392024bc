import type { ProcessFacts } from '../os/os-reader.ts';

/**
 * The CPU that a tree used between two looks at it, `elapsedMs` apart, as a fraction of one core
 * (two busy threads are 2); null where that is not known. A process that came in between counts
 * with all it has used; of one that went, what it used since the first look is lost. CPU time moves
 * in steps of 10 ms, so less than some 200 ms between the looks says little.
 */
export function busyShare(
  earlier: readonly ProcessFacts[],
  later: readonly ProcessFacts[],
  elapsedMs: number,
): number | null {
  if (!(elapsedMs > 0) || earlier.length === 0) return null;
  const before = new Map(earlier.map((process) => [process.pid, process]));
  let usedMs: number | null = null;
  for (const process of later) {
    if (process.cpuMs === null) continue;
    const same = before.get(process.pid);
    const wasThere = same !== undefined && same.birth === process.birth;
    if (wasThere && same.cpuMs === null) continue;
    const sinceMs = process.cpuMs - (wasThere ? (same.cpuMs ?? 0) : 0);
    usedMs = (usedMs ?? 0) + Math.max(0, sinceMs);
  }
  return usedMs === null ? null : usedMs / elapsedMs;
}
