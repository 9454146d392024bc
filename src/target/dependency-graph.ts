import type { Dependency } from '../config/dependency.ts';
import { socketOf } from '../text/socket-path.ts';
import { didYouMean } from '../text/nearest.ts';
import type { ProbeOptions } from '../probe/probe.ts';
import type { ManagedProcess } from '../pm2/process.ts';
import { cycleThrough, knotsOf } from './cycles.ts';
import type { Configured } from './grouping.ts';

/** An app that is watched. */
type App = Pick<Configured, 'process' | 'config'>;

/** Which apps depend on which, as of one list of PM2. */
export interface DependencyGraph {
  /** The processes of a name: those of the app's own namespace, and where it has none there, all. */
  readonly processesOf: (name: string, namespace: string) => readonly ManagedProcess[];
  /** The dependencies of a process that count, by pm_id. */
  readonly counted: ReadonlyMap<number, readonly Dependency[]>;
  /** By pm_id, for processes on a cycle: `web → api → web`. */
  readonly cycles: ReadonlyMap<number, string>;
}

/**
 * Reads who depends on whom. An edge that is part of a cycle does not count: each app of it would be held
 * as long as another one is, and none would be restarted. A URL leads to the app that is probed there.
 */
export function dependencyGraph(
  apps: readonly App[],
  processes: readonly ManagedProcess[],
): DependencyGraph {
  const depending = apps.filter(({ config }) => config.dependsOn !== undefined);
  const processesOf = lookup(processes, namesIn(depending));
  const at = nodesByPlace(depending.length === 0 ? [] : apps);
  const targets = (app: App, dependency: Dependency): readonly string[] =>
    dependency.kind === 'app'
      ? processesOf(dependency.name, app.process.namespace).map(nodeOf)
      : (at.get(placeOf(dependency.probe) ?? '') ?? []);
  const edges = new Map<string, string[]>();
  for (const app of depending) {
    const node = nodeOf(app.process);
    const to = (app.config.dependsOn ?? []).flatMap((each) => targets(app, each));
    edges.set(node, [...new Set([...(edges.get(node) ?? []), ...to])]);
  }
  const knots = knotsOf(edges);
  const counted = new Map<number, readonly Dependency[]>();
  const cycles = new Map<number, string>();
  for (const app of depending) {
    const { process, config } = app;
    const node = nodeOf(process);
    const knot = knots.get(node);
    const isCyclic = (each: Dependency): boolean =>
      knot !== undefined && targets(app, each).some((to) => knots.get(to) === knot);
    const all = config.dependsOn ?? [];
    const kept = all.filter((each) => !isCyclic(each));
    counted.set(process.pmId, kept);
    if (kept.length < all.length) {
      cycles.set(process.pmId, cycleThrough(node, edges, knots).map(nameOf).join(' → '));
    }
  }
  return { processesOf, counted, cycles };
}

/** What is said of a dependency on an app that PM2 does not have. */
export function missingText(name: string, processes: readonly ManagedProcess[]): string {
  const names = [...new Set(processes.map((each) => each.name))];
  const hint = didYouMean(name, names, '');
  const shown = hint === '' ? '' : ` (${hint})`;
  return `PM2 has no app '${name}'${shown}; until it has one, this entry does not count`;
}

/** What is said of a cycle. */
export function cycleText(cycle: string): string {
  return `a cycle: ${cycle}; take one of these out. Until then none of them counts`;
}

/** Where these problems stand in a block. */
export const DEPENDS_ON_PATH = 'env_liveness.dependsOn';

function namesIn(depending: readonly App[]): ReadonlySet<string> {
  const all = depending.flatMap(({ config }) => config.dependsOn ?? []);
  return new Set(all.flatMap((each) => (each.kind === 'app' ? [each.name] : [])));
}

function lookup(
  processes: readonly ManagedProcess[],
  names: ReadonlySet<string>,
): DependencyGraph['processesOf'] {
  const byName = new Map<string, ManagedProcess[]>();
  for (const process of processes) {
    if (!names.has(process.name)) continue;
    const known = byName.get(process.name);
    if (known === undefined) byName.set(process.name, [process]);
    else known.push(process);
  }
  return (name, namespace) => {
    const all = byName.get(name) ?? [];
    const near = all.filter((each) => each.namespace === namespace);
    return near.length > 0 ? near : all;
  };
}

/** Namesakes in another namespace are another app. */
function nodeOf({ name, namespace }: ManagedProcess): string {
  return `${name}\0${namespace}`;
}

function nameOf(node: string): string {
  return node.slice(0, node.indexOf('\0'));
}

/** Which apps are probed at a host and port. */
function nodesByPlace(apps: readonly App[]): ReadonlyMap<string, readonly string[]> {
  const nodes = new Map<string, string[]>();
  for (const { process, config } of apps) {
    const place = placeOf(config.probe);
    if (place === null) continue;
    const known = nodes.get(place);
    if (known === undefined) nodes.set(place, [nodeOf(process)]);
    else known.push(nodeOf(process));
  }
  return nodes;
}

/** The socket of a probe, or its host and port, with all names of this machine's loopback as one; null where it has none. */
function placeOf(probe: ProbeOptions): string | null {
  const socket = socketOf(probe);
  if (socket !== undefined) return socket;
  if (probe.type === 'tcp') return `${hostOf(probe.host)}:${probe.port}`;
  if (!('url' in probe)) return null;
  const { hostname, port, protocol } = new URL(probe.url);
  const isTls = protocol === 'https:' || protocol === 'wss:';
  return `${hostOf(hostname)}:${port || (isTls ? '443' : '80')}`;
}

function hostOf(host: string): string {
  const plain = host.replace(/^\[|\]$/g, '').toLowerCase();
  return plain === 'localhost' || plain === '::1' || plain.startsWith('127.') ? 'loopback' : plain;
}
