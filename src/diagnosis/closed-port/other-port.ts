import type { TargetConfig } from '../../config/target-config.ts';
import type { Listener, OsReader } from '../../os/os-reader.ts';
import { SHARED_MS } from '../../os/shared-reader.ts';
import type { HttpOptions, ProbeOptions, StatusRange } from '../../probe/probe.ts';
import { createProbe } from '../../probe/registry.ts';
import { runProbe } from '../../probe/runner.ts';
import { reachedBy } from '../probed-address.ts';

/** At most this many ports of one app are asked in one look. */
const MOST_PORTS = 4;

/** The longest time that one of them gets. */
const MOST_MS = 1_000;

/** Not what a page answers: a server that speaks WebSocket only, such as the one for hot reload. */
const UPGRADE_REQUIRED = 426;

/** Which ports of the app are known. */
export interface KnownPorts {
  /** The one that the block names. */
  readonly asked: number;
  /** The other one at which it has answered often enough to be sure; null where none is known. */
  readonly sure: number | null;
}

/** Through what another port is found. */
export interface OtherPortDeps {
  readonly reader: OsReader;
  readonly isInspector: (address: string, port: number) => Promise<boolean>;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

/**
 * The port at which one of these processes answers just as the block asks, though the block names
 * another one; null where none does. A debugger's port and one for WebSockets alone do not count. One that
 * is already sure stays so while they listen there: a late answer on a busy machine makes no block right.
 */
export async function findOtherPort(
  pids: readonly number[],
  { asked, sure }: KnownPorts,
  { probe, schedule }: Pick<TargetConfig, 'probe' | 'schedule'>,
  { reader, isInspector, now }: OtherPortDeps,
): Promise<number | null> {
  const listeners = await reader.listenersOf(pids, SHARED_MS);
  if (listeners === null || listeners.some(({ port }) => port === sure)) return sure;
  for (const { port, address } of candidatesOf(listeners, asked)) {
    const options = askedAt(probe, reachedBy(address), port);
    if (options === null || (await isInspector(reachedBy(address), port))) continue;
    const other = createProbe(options);
    const timeoutMs = Math.min(MOST_MS, schedule.timeoutMs);
    const { kind } = await runProbe(other, { now, timeoutMs });
    other.stop();
    if (kind === 'ok') return port;
  }
  return null;
}

/** What to do about a block that names another port than the one where the app answers. */
export function otherPortText(
  name: string,
  port: number,
  asked: number,
  { probe }: TargetConfig,
): string {
  const advice =
    probe.type === 'vite'
      ? 'add --strictPort, or correct the port'
      : `correct the port in its block, or have it listen on ${asked}`;
  return `${name} answers on port ${port}, not on ${asked}: ${advice}`;
}

/** The next ports come first: a server that finds its port taken tries those. */
function candidatesOf(listeners: readonly Listener[], asked: number): readonly Listener[] {
  const ports = new Map<number, Listener>();
  for (const each of listeners) if (each.port !== asked) ports.set(each.port, each);
  const distance = ({ port }: Listener): number =>
    port > asked ? port - asked : 65_536 + asked - port;
  return [...ports.values()]
    .toSorted((one, other) => distance(one) - distance(other))
    .slice(0, MOST_PORTS);
}

/** The same question at another port; null where the probe has no port. */
function askedAt(probe: ProbeOptions, address: string, port: number): ProbeOptions | null {
  const addresses = [address];
  switch (probe.type) {
    case 'exec':
    case 'heartbeat':
      return null;
    case 'tcp':
      return { ...probe, addresses, port };
    case 'http':
      return { ...withoutUpgrade(probe), addresses, url: urlAt(probe.url, port) };
    case 'vite':
    case 'websocket':
      return { ...probe, addresses, url: urlAt(probe.url, port) };
  }
}

function urlAt(href: string, port: number): string {
  const url = new URL(href);
  url.port = String(port);
  return url.href;
}

/** Where any status will do, one that refuses to be asked over HTTP will not. */
function withoutUpgrade(probe: HttpOptions): HttpOptions {
  const status = probe.status.flatMap(([from, to]): readonly StatusRange[] => {
    if (from === to || from > UPGRADE_REQUIRED || to < UPGRADE_REQUIRED) return [[from, to]];
    const below: StatusRange = [from, UPGRADE_REQUIRED - 1];
    const above: StatusRange = [UPGRADE_REQUIRED + 1, to];
    return [below, above].filter(([least, most]) => least <= most);
  });
  return { ...probe, status };
}
