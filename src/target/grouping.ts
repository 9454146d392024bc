import { interpolate } from '../config/interpolate.ts';
import type { TargetConfig } from '../config/target-config.ts';
import { instanceVariable, type ManagedProcess } from '../pm2/process.ts';

/** A listed process whose block can be used. */
export interface Configured {
  readonly process: ManagedProcess;
  readonly config: TargetConfig;
  /** The number under which its memory is stored, see `numberOf`. */
  readonly instance: number;
}

/** What one worker watches: a process, or in cluster mode all processes behind one port. */
export interface Target {
  /** Unique, and the same in every list. */
  readonly key: string;
  readonly name: string;
  /** Sorted by pm_id, never empty. */
  readonly processes: readonly ManagedProcess[];
  readonly config: TargetConfig;
  readonly instance: number;
  readonly isCluster: boolean;
}

/**
 * Groups processes into targets. Instances in cluster mode with the same name, namespace, folder and
 * probe share a target, because PM2's daemon holds their port and passes each connection to one of them
 * (DESIGN §5). An instance with a port of its own is a target of its own; so is one with a heartbeat, and
 * each process in fork mode.
 */
export function targetsOf(configured: readonly Configured[]): Target[] {
  const groups = new Map<string, Configured[]>();
  for (const each of configured) {
    const key = keyOf(each);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [each]);
    else group.push(each);
  }
  return [...groups].flatMap(([key, group]) => targetOf(key, group) ?? []);
}

/**
 * The number under which a process is stored and shown. Instances that share a target have number 0, no
 * matter which of them `pm2 scale` keeps. Instances that differ by their block (`${PORT}` with
 * `increment_var`, `${NODE_APP_INSTANCE}`) or have a heartbeat keep PM2's own number.
 */
export function numberOf({ isCluster, block, env, instance }: ManagedProcess): number {
  const speaksForItself = typeof block === 'object' && block !== null && 'heartbeat' in block;
  if (!isCluster || speaksForItself) return instance;
  const own = new Set([instanceVariable(env), env['increment_var'], 'pm_id', 'unique_id']);
  const shared = Object.fromEntries(Object.entries(env).filter(([name]) => !own.has(name)));
  const problems = (from: Readonly<Record<string, unknown>>): number =>
    interpolate(block, from, '').problems.length;
  return problems(shared) > problems(env) ? instance : 0;
}

function targetOf(key: string, group: readonly Configured[]): Target | null {
  const members = group.toSorted((a, b) => a.process.pmId - b.process.pmId);
  const [first, ...others] = members;
  if (first === undefined) return null;
  // In a rolling restart settings can change: the process that was started last has the newest.
  const { config } = others.reduce(
    (newest, each) => (each.process.startedAt > newest.process.startedAt ? each : newest),
    first,
  );
  return {
    key,
    name: first.process.name,
    processes: members.map(({ process }) => process),
    config,
    instance: Math.min(...members.map(({ instance }) => instance)),
    isCluster: first.process.isCluster,
  };
}

function keyOf({ process, config }: Configured): string {
  const { name, namespace, cwd, pmId, isCluster } = process;
  if (!isCluster || config.probe.type === 'heartbeat') return JSON.stringify([name, pmId]);
  // JSON turns a regular expression into `{}`.
  const asText = (_: string, value: unknown): unknown =>
    value instanceof RegExp ? String(value) : value;
  return JSON.stringify([name, namespace, cwd, config.probe], asText);
}
