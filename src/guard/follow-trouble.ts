import type { Trouble } from './memory.ts';

/** The trouble with this look added. */
export function followed(
  { what, processes }: Pick<Trouble, 'what' | 'processes'>,
  before: Trouble | null,
  wall: number,
): Trouble {
  if (before === null || before.what !== what) {
    return { what, processes, since: wall, looks: 1, sameLooks: 1 };
  }
  const isSame = before.processes === processes;
  return {
    ...before,
    processes,
    looks: before.looks + 1,
    sameLooks: isSame ? before.sameLooks + 1 : 1,
  };
}
