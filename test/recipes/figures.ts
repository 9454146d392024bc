import { appendFile } from 'node:fs/promises';

/** What one fault of a recipe came to; a line of the table at the end of the suite. */
export interface Figure {
  /** The recipe's folder. */
  readonly recipe: string;
  /** `watch`: what `watch` would write for the app as it runs. */
  readonly fault: 'watch' | 'hang' | 'crash' | 'typo';
  /** What it was detected as; for `watch` the block. */
  readonly seen: string;
  /** Restarts by us; null for `watch`. */
  readonly restarts: number | null;
  /** Until the app answered again, from the fault or, of a typo, from the fix; null for `watch`. */
  readonly ms: number | null;
}

/** Keeps a figure for the table, where the suite makes one (test/recipes.mjs). */
export async function keepFigure(figure: Figure): Promise<void> {
  const file = process.env['RECIPES_FIGURES'];
  // One short line at once: several test files write side by side.
  if (file !== undefined) await appendFile(file, `${JSON.stringify(figure)}\n`);
}
