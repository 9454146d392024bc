import { resolve } from 'node:path';
import type { ProbeOptions } from '../probe/probe.ts';
import { readJson } from '../text/read-json.ts';
import type { Policy } from '../verdict/policy.ts';
import type { DiagnoseWord, PortOwner } from './block.ts';
import { parseDuration } from './schema/durations.ts';
import { withShownNames, type Dependency } from './dependency.ts';
import { dropUndefined } from './drop-undefined.ts';
import { interpolate, type AppEnv, type Interpolated } from './interpolate.ts';
import { secretsOf } from './secrets/block-secrets.ts';
import type { Secrets } from './secrets/secrets.ts';
import { shownTargetOf } from './secrets/shown-target.ts';
import { capProblems, pathOf, type Problem } from './problem.ts';
import { refusals } from './refusal.ts';
import type { NotifySetting } from './schema/notify.ts';
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
  /** With all values: only for the probe, never shown. */
  readonly probe: ProbeOptions;
  /** The target with variables by their names; absent where `targetOf` gives the same. */
  readonly shown?: string;
  /** The secrets to hide in all texts of the app; absent where there are none. */
  readonly secrets?: Secrets;
  readonly schedule: Schedule;
  readonly policy: Policy;
  /** With `any` the holder of the port is not checked: no impostor, no orphan. */
  readonly portOwner: PortOwner;
  readonly reapOrphans: boolean;
  /** Null where the memory of the process tree is not watched. */
  readonly maxTreeMemoryBytes: number | null;
  /** Answers that take longer are reported as slow; absent where they are not watched for it. */
  readonly slowMs?: number;
  /** What the app cannot do without, as the block lists it; absent where there is nothing. */
  readonly dependsOn?: readonly Dependency[];
  /** The channels that get messages about it; absent for all. */
  readonly notify?: NotifySetting;
  /** Node's inspector may be opened in the app to see where it hangs; absent where it may not. */
  readonly diagnose?: DiagnoseWord;
  /** Whether a heap snapshot is written before a restart for memory; absent is false. */
  readonly heapSnapshot?: boolean;
  /** Where the block is from; absent for PM2's own entry of the app. */
  readonly blockFrom?: 'watched.json';
}

/** Settings of the monitor that win over those of every block; durations in milliseconds. */
export type Overrides = Partial<Scalars>;

/** The settings of a block, or all problems of it. */
export type BlockResult =
  | { readonly ok: true; readonly config: TargetConfig }
  | { readonly ok: false; readonly problems: readonly Problem[] };

const ROOT = 'env_liveness';

/** The paths of a probe's URL or program below its key. */
const MAIN_KEYS = [[], ['url'], [0], ['command', 0], ['command']] as const;

/**
 * Reads the `env_liveness` block of an app, an object or its JSON, with the PM2 env `appEnv`. Never throws: a bad block gives all its
 * problems and no config. Overrides do not fix a bad block, and cannot make a good one bad: values that
 * depend on an overridden one follow it.
 */
export function readBlock(block: unknown, appEnv: AppEnv, overrides: Overrides = {}): BlockResult {
  return typeof block === 'string' && /^\s*[[{]/.test(block)
    ? readText(block, appEnv, overrides)
    : readValue(block, appEnv, overrides);
}

/** A block in JSON, from a variable or typed. */
function readText(text: string, appEnv: AppEnv, overrides: Overrides): BlockResult {
  const read = readJson(text);
  if (read.ok) return readValue(read.value, appEnv, overrides);
  const message = `got text that ${read.reason}; write an object, or its JSON with keys and texts in double quotes: {"http":"http://127.0.0.1:3000/"}`;
  return { ok: false, problems: [{ path: ROOT, message }] };
}

function readValue(block: unknown, appEnv: AppEnv, overrides: Overrides): BlockResult {
  const interpolated = interpolate(block, appEnv, ROOT);
  const { value, problems: unset } = interpolated;
  const parsed = blockSchema.safeParse(value);
  const invalid = refusals(parsed.error?.issues ?? [], interpolated, ROOT);
  const problems = [...unset, ...invalid.filter(({ path }) => !isBecauseOf(unset, path))];
  const probe = parsed.success ? probeOf(parsed.data, appEnv) : undefined;
  // The schema requires exactly one probe, so without a problem there is one.
  if (!parsed.success || probe === undefined || problems.length > 0) {
    return { ok: false, problems: capProblems(problems, ROOT) };
  }
  const config = targetConfig(parsed.data, probe, overrides);
  const { dependsOn, slow, notify, diagnose, heapSnapshot } = parsed.data;
  const named = dependsOn && withShownNames(dependsOn, interpolated.pieces, ROOT);
  return {
    ok: true,
    config: {
      ...config,
      ...dropUndefined({ dependsOn: named, slowMs: slow, notify, diagnose, heapSnapshot }),
      ...privacyOf(probe, interpolated, appEnv),
    },
  };
}

/** The shown target, and the secrets. */
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

/** True for a problem of a value with an unset name, which is already reported. */
function isBecauseOf(unset: readonly Problem[], path: string): boolean {
  const isWithin = (inner: string): boolean =>
    path !== ROOT && (inner.startsWith(`${path}[`) || inner.startsWith(`${path}.`));
  return unset.some((problem) => problem.path === path || isWithin(problem.path));
}

function probeOf(block: ParsedBlock, appEnv: AppEnv): ProbeOptions | undefined {
  const { tcp, http, vite, exec, websocket, heartbeat } = block;
  const probe = tcp ?? http ?? vite ?? websocket ?? heartbeat ?? exec;
  return probe && inAppFolder(probe, appEnv['pm_cwd']);
}

/** The probe with its paths from the app's folder: where a command runs, a socket, the file of a certificate. */
function inAppFolder(probe: ProbeOptions, appFolder: unknown): ProbeOptions {
  if (typeof appFolder !== 'string') return probe;
  if (probe.type === 'exec') return { ...probe, cwd: resolve(appFolder, probe.cwd ?? '') };
  const secure = withCertFile(probe, appFolder);
  if (!('socket' in secure) || secure.socket === undefined) return secure;
  return { ...secure, socket: resolve(appFolder, secure.socket) };
}

function withCertFile(probe: ProbeOptions, appFolder: string): ProbeOptions {
  if (!('tls' in probe) || probe.tls?.certFile === undefined) return probe;
  return { ...probe, tls: { ...probe.tls, certFile: resolve(appFolder, probe.tls.certFile) } };
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
      ...(block.drain !== undefined && block.drain > 0 && { drainMs: block.drain }),
    },
    portOwner: block.portOwner,
    reapOrphans: block.reapOrphans,
    maxTreeMemoryBytes: block.maxTreeMemory ?? null,
  };
}
