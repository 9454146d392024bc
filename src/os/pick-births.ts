import type { ProcessTable } from './os-reader.ts';

/** The births of those of `pids` that are in the table; null without a table. */
export function pickBirths(
  table: ProcessTable | null,
  pids: readonly number[],
): ReadonlyMap<number, string> | null {
  if (table === null) return null;
  const living = pids.map((pid) => table.get(pid)).filter((process) => process !== undefined);
  return new Map(
    living.filter(({ state }) => state !== 'zombie').map(({ pid, birth }) => [pid, birth]),
  );
}
