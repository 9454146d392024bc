import { orphanTree, proveOrphan, type OrphanEvidence } from '../os/orphan.ts';
import type { OsReader, ProcessFacts } from '../os/os-reader.ts';
import { ancestorsOf } from '../os/tree.ts';

/** The result of the search: a proven orphan, or in `missing` what is not proven. */
type OrphanSearch =
  | { readonly kind: 'orphan'; readonly tree: readonly ProcessFacts[] }
  | { readonly kind: 'foreign'; readonly missing: string };

/** Judges `pid` and its parents, by their markers. Never throws. */
export async function findOrphan(
  reader: Pick<OsReader, 'markers'>,
  pid: number,
  evidence: OrphanEvidence,
): Promise<OrphanSearch> {
  const candidate = evidence.table.get(pid);
  if (candidate === undefined) return { kind: 'foreign', missing: 'it has just exited' };
  const proven = new Set<number>();
  for (const process of [candidate, ...ancestorsOf(evidence.table, pid)]) {
    // In order, up to the first that is not proven.
    const proof = proveOrphan(process, await reader.markers(process.pid), evidence);
    if (proof.isProven) proven.add(process.pid);
    else if (process.pid === pid) return { kind: 'foreign', missing: proof.missing };
    else break;
  }
  const tree = orphanTree(evidence, pid, proven);
  if (tree.length > 0) return { kind: 'orphan', tree };
  return { kind: 'foreign', missing: 'a process that must not be touched is in its tree' };
}
