import type { LivenessBlock } from './block.ts';

/** The keys of a block that name its probe. */
type ProbeKey = 'tcp' | 'http' | 'vite' | 'exec' | 'websocket' | 'heartbeat';

/** A block with this probe and no other. */
type WithProbe<Key extends ProbeKey> = Omit<LivenessBlock, ProbeKey> &
  Required<Pick<LivenessBlock, Key>> & { readonly [Other in Exclude<ProbeKey, Key>]?: never };

/** A block with exactly one probe, as the monitor needs it. */
export type OneProbeBlock = { [Key in ProbeKey]: WithProbe<Key> }[ProbeKey];

/** One app of an ecosystem file: PM2's own fields, and our block. */
export interface EcosystemApp {
  readonly name?: string;
  readonly script: string;
  readonly args?: string | readonly string[];
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, unknown>>;
  readonly env_liveness?: OneProbeBlock;
  readonly [field: string]: unknown;
}

/**
 * What an ecosystem file exports: with `@type {import('pm2-liveness').Ecosystem}` above
 * `module.exports` an editor completes and checks its `env_liveness` blocks.
 */
export interface Ecosystem {
  /** PM2 and the monitor also read one app without a list; the type asks for a list. */
  readonly apps: readonly EcosystemApp[];
  readonly [field: string]: unknown;
}
