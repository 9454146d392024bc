import { isRecord } from '../../config/bad-value.ts';
import { parseDuration, formatDuration } from '../../config/schema/durations.ts';
import { interpolate } from '../../config/interpolate.ts';
import type { Problem } from '../../config/problem.ts';
import { scalars, type Scalars } from '../../config/schema/scalars.ts';
import { blockDefaults } from '../../config/schema/schema.ts';
import { formatSize } from '../../config/schema/sizes.ts';
import { readBlock, type TargetConfig } from '../../config/target-config.ts';
import type { ManagedProcess } from '../../pm2/process.ts';
import { probeSettings } from './probe-settings.ts';
import type { EffectiveSetting, SettingSource } from './setting-sources.ts';

/** The settings of an app, or what is wrong with its block. */
type Effective =
  | { readonly ok: true; readonly settings: readonly EffectiveSetting[] }
  | { readonly ok: false; readonly problems: readonly Problem[] };

const BLOCK = 'env_liveness';
const { restarts: restartDefaults } = blockDefaults;

/** Every setting of an app, from its block and from `sources`, of which the first one wins. */
export function effectiveSettings(
  { block, env, blockFrom }: ManagedProcess,
  sources: readonly SettingSource[],
): Effective {
  const overrides = Object.assign({}, ...sources.toReversed().map((source) => source.overrides));
  const read = readBlock(block, env, overrides);
  if (!read.ok) return read;
  const { value } = interpolate(block, env, BLOCK);
  const written = isRecord(value) ? value : {};
  const { config } = read;
  const { drainMs } = config.policy;
  const settings = [
    ...probeSettings(config, written),
    ...scalarSettings(config, written, sources),
    ...restartsSettings(config, isRecord(written['restarts']) ? written['restarts'] : {}),
    plain('portOwner', config.portOwner, written),
    plain('reapOrphans', String(config.reapOrphans), written),
    plain(
      'maxTreeMemory',
      config.maxTreeMemoryBytes === null ? 'off' : formatSize(config.maxTreeMemoryBytes),
      written,
    ),
    plain('drain', drainMs === undefined ? 'off' : formatDuration(drainMs), written),
    plain('slow', config.slowMs === undefined ? 'off' : formatDuration(config.slowMs), written),
    plain(
      'dependsOn',
      config.dependsOn?.map(({ shown }) => shown).join(', ') ?? 'nothing',
      written,
    ),
    plain('notify', notifyText(config.notify), written),
    plain('diagnose', config.diagnose ?? 'off', written),
    plain('heapSnapshot', config.heapSnapshot === true ? 'true' : 'off', written),
  ];
  // A block of `watch` is in its file.
  const named = (source: string): string => (source === BLOCK ? (blockFrom ?? BLOCK) : source);
  return { ok: true, settings: settings.map((each) => ({ ...each, source: named(each.source) })) };
}

function scalarSettings(
  config: TargetConfig,
  written: Readonly<Record<string, unknown>>,
  sources: readonly SettingSource[],
): EffectiveSetting[] {
  const { schedule, policy } = config;
  const inForce: Scalars = {
    period: schedule.periodMs,
    fastPeriod: schedule.fastPeriodMs,
    startupPeriod: schedule.startupPeriodMs,
    startupTimeout: policy.startupTimeoutMs,
    timeout: schedule.timeoutMs,
    failureThreshold: policy.failureThreshold,
    successThreshold: policy.successThreshold,
    busyGrace: policy.busyGraceMs,
    action: policy.action,
  };
  // `as`: Object.keys loses the type of the keys.
  return (Object.keys(inForce) as (keyof Scalars)[]).map((key) => {
    const value = inForce[key];
    const given = givenOf(key, written, sources);
    // Only intervals are lowered: to the period, or in a start to the startup time.
    const limit = value === inForce.period ? 'period' : 'startupTimeout';
    const source = given.value === value ? given.source : `follows ${limit}`;
    return { key, value: textOf(key, value), source };
  });
}

/** The value of a setting in the source that wins. */
function givenOf(
  key: keyof Scalars,
  written: Readonly<Record<string, unknown>>,
  sources: readonly SettingSource[],
): { readonly value: unknown; readonly source: string } {
  const source = sources.find(({ overrides }) => overrides[key] !== undefined);
  if (source) return { value: source.overrides[key], source: source.nameOf(key) };
  if (key in written) return { value: scalars[key](written[key]), source: BLOCK };
  return { value: scalars[key](blockDefaults[key]), source: 'default' };
}

function textOf(key: keyof Scalars, value: Scalars[keyof Scalars]): string {
  const isDuration = typeof value === 'number' && !key.endsWith('Threshold');
  return isDuration ? formatDuration(value) : String(value);
}

function restartsSettings(
  { policy: { restarts } }: TargetConfig,
  written: Readonly<Record<string, unknown>>,
): EffectiveSetting[] {
  const inForce = {
    within: restarts.withinMs,
    maxBackoff: restarts.maxBackoffMs,
    cooldown: restarts.cooldownMs,
    maxCooldown: restarts.maxCooldownMs,
  };
  const longest = inForce.maxBackoff === inForce.maxCooldown ? 'maxBackoff' : 'cooldown';
  const waits = (Object.keys(inForce) as (keyof typeof inForce)[]).map((key) => {
    const given = parseDuration(key in written ? written[key] : restartDefaults[key]);
    const cap = key === 'maxCooldown' ? longest : 'maxCooldown';
    const own = key in written ? BLOCK : 'default';
    return {
      key: `restarts.${key}`,
      value: formatDuration(inForce[key]),
      source: given === inForce[key] ? own : `follows restarts.${cap}`,
    };
  });
  return [
    {
      key: 'restarts.limit',
      value: String(restarts.limit),
      source: 'limit' in written ? BLOCK : 'default',
    },
    ...waits,
  ];
}

function plain(
  key: string,
  value: string,
  written: Readonly<Record<string, unknown>>,
): EffectiveSetting {
  return { key, value, source: key in written ? BLOCK : 'default' };
}

function notifyText(notify: TargetConfig['notify'] = 'all'): string {
  if (notify === 'all') return 'all channels';
  return notify.length === 0 ? 'no channel' : notify.join(', ');
}
