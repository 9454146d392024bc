import { dirname, join } from 'node:path';
import type { BoundedFiles } from '../../os/bounded-files.ts';

/** What npm, pnpm, Yarn 1 and later Yarns write into node_modules when they have installed all. */
const RECORDS = [
  '.package-lock.json',
  '.modules.yaml',
  '.yarn-integrity',
  '.yarn-state.yml',
] as const;

/** Bun writes no such record; where one of its lock files is, a missing record says nothing. */
const WITHOUT_RECORD = ['bun.lock', 'bun.lockb'] as const;

/**
 * Whether an installer has said of this node_modules that it is complete. `npm ci` and Yarn 1 take the record
 * away first and write it last, so one that is killed leaves none (FACTS, "Installers, as the system shows them").
 * Undefined where the disk does not answer.
 */
export async function isFinished(
  modules: string,
  files: Pick<BoundedFiles, 'mark'>,
): Promise<boolean | undefined> {
  const paths = [
    ...RECORDS.map((name) => join(modules, name)),
    ...WITHOUT_RECORD.map((name) => join(dirname(modules), name)),
  ];
  for (const path of paths) {
    const mark = await files.mark(path);
    if (mark === null) return undefined;
    if (mark.kind === 'file') return true;
  }
  return false;
}
