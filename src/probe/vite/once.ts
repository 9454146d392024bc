import type { Probe, ViteOptions } from '../probe.ts';
import { checkDeeply } from './module-check.ts';
import { pingVite } from './ping.ts';
import { viteTargetOf } from './target.ts';

/** The two questions of the `vite` probe one by one, for who asks once and waits for both answers. */
export function viteQuestionsOf(options: ViteOptions): {
  readonly ping: Probe;
  readonly deep: Probe;
} {
  const target = viteTargetOf(options);
  return {
    ping: { run: (context) => pingVite(target, context), stop() {} },
    deep: { run: (context) => checkDeeply(target, context), stop() {} },
  };
}
