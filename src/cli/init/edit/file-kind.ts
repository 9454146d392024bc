import { basename } from 'node:path';

/** How PM2 reads a file: as an expression, as YAML, or with `require`. */
export type FileKind = 'json' | 'yaml' | 'code';

/** PM2's list (Common.js), in its order: the first of these that is anywhere in the name counts. */
const KINDS: readonly (readonly [part: string, kind: FileKind])[] = [
  ['.json', 'json'],
  ['.yml', 'yaml'],
  ['.yaml', 'yaml'],
  ['.config.js', 'code'],
  ['.config.cjs', 'code'],
  ['.config.mjs', 'code'],
];

/** How PM2 reads a file, by its name; null where PM2 takes it for a script and starts it. */
export function kindOf(file: string): FileKind | null {
  const name = basename(file);
  return KINDS.find(([part]) => name.includes(part))?.[1] ?? null;
}
