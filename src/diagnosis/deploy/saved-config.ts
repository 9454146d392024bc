import { join } from 'node:path';
import type { BoundedFiles } from '../../os/bounded-files.ts';
import type { ManagedProcess } from '../../pm2/process.ts';

/** The files for which a dev server starts itself again, in its own process or in a child. */
export const CONFIG_NAMES = [
  ...['js', 'mjs', 'cjs', 'ts', 'mts', 'cts'].map((end) => `vite.config.${end}`),
  ...['js', 'mjs', 'cjs', 'ts'].map((end) => `next.config.${end}`),
  ...['mjs', 'js', 'ts'].map((end) => `astro.config.${end}`),
  ...['ts', 'js'].map((end) => `nuxt.config.${end}`),
  ...['ts', 'js'].map((end) => `react-router.config.${end}`),
  'svelte.config.js',
] as const;

/**
 * How long after a save its port may be closed and its connections cut. On a loaded machine Vite was
 * not done after three bad answers in a row.
 */
const AGAIN_MS = 10_000;

/** The configuration that was saved a moment ago, while the app ran; null where none was. `wall` is now. */
export async function savedConfig(
  { cwd, pid, startedAt }: Pick<ManagedProcess, 'cwd' | 'pid' | 'startedAt'>,
  files: Pick<BoundedFiles, 'mark'>,
  wall: number,
): Promise<string | null> {
  if (cwd === '' || pid <= 0) return null;
  for (const name of CONFIG_NAMES) {
    const mark = await files.mark(join(cwd, name));
    if (mark?.kind !== 'file' || mark.changedAt <= startedAt) continue;
    if (Math.abs(wall - mark.changedAt) < AGAIN_MS) return name;
  }
  return null;
}
