import { resolve } from 'node:path';
import type { ExecOptions, ProbeOptions } from '../probe/probe.ts';
import type { Policy } from '../verdict/policy.ts';
import type { PortOwner } from './block.ts';
import { parseDuration } from './schema/durations.ts';
import { dropUndefined } from './drop-undefined.ts';
import { interpolate, type AppEnv, type Interpolated } from './interpolate.ts';
import { secretsOf } from './secrets/block-secrets.ts';
import type { Secrets } from './secrets/secrets.ts';
import { shownTargetOf } from './secrets/shown-target.ts';
import { capProblems, pathOf, type Problem } from './problem.ts';
import { refusals } from './refusal.ts';
import type { Scalars } from './schema/scalars.ts';
import { blockDefaults, blockSchema, type ParsedBlock } from './schema/schema.ts';

/** The times of one target's probes, in milliseconds; `fastPeriodMs` is at most `periodMs`. */
export interface Schedule {
  readonly periodMs: number;
  readonly fastPeriodMs: number;
  readonly startupPeriodMs: number;
  readonly timeoutMs: number;
}

/** Everything the monitor needs to watch one app. */
export interface TargetConfig {
  /** With all its values: for the probe alone, never to be shown. */
  readonly probe: ProbeOptions;
  /** What is asked, with variables by their names; absent where `targetOf` the probe says the same. */
  readonly shown?: string;
  /** What must not be seen in any text of the app's; absent where there is nothing. */
  readonly secrets?: Secrets;
  readonly schedule: Schedule;
  readonly policy: Policy;
  /** With `any` it is not checked who holds the port: no impostor, no orphan. */
  readonly portOwner: PortOwner;
  readonly reapOrphans: boolean;
  /** Null when the memory of the process tree is not watched. */
  readonly maxTreeMemoryBytes: number | null;
}

/** Settings of the monitor that come before those of every block; durations in milliseconds. */
export type Overrides = Partial<Scalars>;

/** What a block says, or everything that is wrong with it. */
export type BlockResult =
  | { readonly ok: true; readonly config: TargetConfig }
  | { readonly ok: false; readonly problems: readonly Problem[] };

const ROOT = 'env_liveness';

/** Where a probe's URL or program stands below its own key. */
const MAIN_KEYS = [[], ['url'], [0], ['command', 0], ['command']] as const;

/**
 * Reads the `env_liveness` block of an app whose PM2 env is `appEnv`. Never throws; a block with
 * any problem yields all of them and no config. Overrides do not fix a bad block, and cannot
 * make a good one bad: what depends on an overridden value follows it.
 */
export function readBlock(block: unknown, appEnv: AppEnv, overrides: Overrides = {}): BlockResult {
  const interpolated = interpolate(block, appEnv, ROOT);
  const { value, problems: unset } = interpolated;
  const parsed = blockSchema.safeParse(value);
  const invalid = refusals(parsed.error?.issues ?? [], interpolated, ROOT);
  const problems = [...unset, ...invalid.filter(({ path }) => !isBecauseOf(unset, path))];
  const probe = parsed.success ? probeOf(parsed.data, appEnv) : undefined;
  // No probe and no problem cannot be: the schema wants exactly one.
  if (!parsed.success || probe === undefined || problems.length > 0) {
    return { ok: false, problems: capProblems(problems, ROOT) };
  }
  const config = targetConfig(parsed.data, probe, overrides);
  return { ok: true, config: { ...config, ...privacyOf(probe, interpolated, appEnv) } };
}

/** What is shown in place of the probe, and what is not. */
function privacyOf(
  probe: ProbeOptions,
  block: Interpolated,
  appEnv: AppEnv,
): Pick<TargetConfig, 'shown' | 'secrets'> {
  const main = MAIN_KEYS.map((keys) => block.pieces.get(pathOf(ROOT, [probe.type, ...keys])));
  const pieces = main.find((each) => each !== undefined);
  const shown = pieces && shownTargetOf(probe, pieces);
  const secrets = secretsOf(probe, block, appEnv, ROOT);
  return dropUndefined({ shown, secrets });
}

/** A value with an unset name in it is wrong anyway: once is enough. */
function isBecauseOf(unset: readonly Problem[], path: string): boolean {
  const isWithin = (inner: string): boolean =>
    path !== ROOT && (inner.startsWith(`${path}[`) || inner.startsWith(`${path}.`));
  return unset.some((problem) => problem.path === path || isWithin(problem.path));
}

function probeOf(block: ParsedBlock, appEnv: AppEnv): ProbeOptions | undefined {
  const { tcp, http, vite, exec, websocket, heartbeat } = block;
  return (
    tcp ?? http ?? vite ?? websocket ?? heartbeat ?? (exec && inAppFolder(exec, appEnv['pm_cwd']))
  );
}

/** A command runs in the app's folder, or in a folder given relative to it. */
function inAppFolder(exec: ExecOptions, appFolder: unknown): ExecOptions {
  return typeof appFolder === 'string'
    ? { ...exec, cwd: resolve(appFolder, exec.cwd ?? '') }
    : exec;
}

function targetConfig(block: ParsedBlock, probe: ProbeOptions, overrides: Overrides): TargetConfig {
  const settings = { ...block, ...overrides };
  const { period, startupTimeout } = settings;
  const fastPeriod = settings.fastPeriod ?? parseDuration(blockDefaults.fastPeriod);
  const startupPeriod =
    settings.startupPeriod ?? Math.min(parseDuration(blockDefaults.startupPeriod), period);
  return {
    probe,
    schedule: {
      periodMs: period,
      fastPeriodMs: Math.min(fastPeriod, period),
      startupPeriodMs: Math.min(startupPeriod, startupTimeout),
      timeoutMs: settings.timeout,
    },
    policy: {
      failureThreshold: settings.failureThreshold,
      successThreshold: settings.successThreshold,
      startupTimeoutMs: startupTimeout,
      busyGraceMs: settings.busyGrace,
      action: settings.action,
      restarts: block.restarts,
    },
    portOwner: block.portOwner,
    reapOrphans: block.reapOrphans,
    maxTreeMemoryBytes: block.maxTreeMemory ?? null,
  };
}
