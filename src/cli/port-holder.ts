import { createOsReader } from '../os/create-reader.ts';
import { treeOf } from '../os/tree.ts';
import type { TargetStatus } from '../report/status.ts';

/** Who listens on the port that a target is asked on, in one sentence; null where it has no port. */
export async function holderOf(target: TargetStatus): Promise<string | null> {
  const port = portOf(target);
  if (port === null) return null;
  const reader = createOsReader();
  const listeners = await reader.listeners(port);
  if (listeners === null) return `${port}: this system does not tell who listens`;
  if (listeners.length === 0) return `${port}: nobody listens`;
  const pids = [...new Set(listeners.flatMap((listener) => listener.pids ?? []))];
  if (pids.length === 0) return `${port}: held by somebody whom we may not see`;
  const table = await reader.processes(pids);
  const own = new Set(
    table === null ? [target.pid] : treeOf(table, target.pid).map(({ pid }) => pid),
  );
  const parts = pids.map((pid) => {
    if (own.has(pid)) return `the app’s own process ${pid}`;
    return `process ${pid} (${table?.get(pid)?.command ?? 'unknown'}), which is not of the app’s tree`;
  });
  return `${port}: held by ${parts.join(' and ')}`;
}

/** The port in `127.0.0.1:5173`, `[::1]:80` or a URL; null for a command and the like. */
export function portOf({ probe: { type, target } }: TargetStatus): number | null {
  if (type === 'tcp') return Number(/:(\d+)$/.exec(target)?.[1] ?? Number.NaN) || null;
  if (!URL.canParse(target)) return null;
  const { port, protocol } = new URL(target);
  if (port !== '') return Number(port);
  return protocol === 'https:' || protocol === 'wss:' ? 443 : 80;
}
