import { readBlock } from '../../config/target-config.ts';
import type { ViteOptions } from '../../probe/probe.ts';
import { runProbe } from '../../probe/runner.ts';
import { viteQuestionsOf } from '../../probe/vite/vite.ts';
import type { Clock } from '../../time/clock.ts';

/** Where a Vite dev server may be. */
export interface VitePlace {
  /** What may be its base. */
  readonly url: string;
  /** The addresses at which the app listens. */
  readonly addresses: readonly string[];
}

/** Vite answers its ping at once, also while it compiles. */
const PING_MS = 2_000;

/** Failures of the deep check after which it is a Vite dev server all the same, only not well now. */
const STILL_VITE: ReadonlySet<string> = new Set(['source', 'timeout', 'signature']);

/** True where the ping of a Vite dev server is answered. Never rejects. */
export async function answersPing(place: VitePlace, clock: Clock, until: number): Promise<boolean> {
  const options = optionsFor(place);
  if (options === null) return false;
  const { ping } = viteQuestionsOf(options);
  const timeoutMs = Math.max(1, Math.min(PING_MS, until - clock.now()));
  return (await runProbe(ping, { now: () => clock.now(), timeoutMs })).kind === 'ok';
}

/**
 * True where the vite probe can check the pages of this server. A framework may answer Vite's ping and serve
 * pages that are none of Vite's: then `http` is the better probe. Never rejects.
 */
export async function servesModules(
  place: VitePlace,
  clock: Clock,
  until: number,
): Promise<boolean> {
  const options = optionsFor(place);
  if (options === null) return false;
  const { deep } = viteQuestionsOf(options);
  const timeoutMs = Math.max(1, until - clock.now());
  const sample = await runProbe(deep, { now: () => clock.now(), timeoutMs });
  return sample.kind !== 'fail' || STILL_VITE.has(sample.class);
}

/** Certificates are not checked here: whether to do so is another question. */
function optionsFor({ url, addresses }: VitePlace): ViteOptions | null {
  const isSecure = url.startsWith('https:');
  const read = readBlock({ vite: { url, ...(isSecure && { rejectUnauthorized: false }) } }, {});
  return read.ok && read.config.probe.type === 'vite' ? { ...read.config.probe, addresses } : null;
}
