import type { RestoredState } from '../history/restored-state.ts';
import type { Worker } from './worker/worker.ts';

/** For all of them at once, because the next change of any of them is written. */
export function restoreWorkers(
  workers: readonly Worker[],
  restoredOf: (name: string, instance: number) => RestoredState | null,
): void {
  for (const worker of workers) {
    const { name, instance } = worker.view();
    const restored = restoredOf(name, instance);
    if (restored !== null) worker.restore(restored);
  }
}
