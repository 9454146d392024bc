import type { Listener } from '../../os/os-reader.ts';
import type { ManagedProcess } from '../../pm2/process.ts';
import type { ProposalDeps } from './proposal.ts';

/**
 * The ports that PM2's daemon holds for one app in cluster mode. By the port in the app's environment; else the
 * ports that no other app in cluster mode can have. A reason where several apps may have them.
 */
export async function clusterPorts(
  app: ManagedProcess,
  { reader, daemonPid, processes }: ProposalDeps,
): Promise<readonly Listener[] | { readonly reason: string }> {
  const unknown = { reason: `it is not known which port PM2's daemon holds for ${app.name}` };
  if (daemonPid === 0) return unknown;
  const held = await reader.listenersOf([daemonPid]);
  if (held === null) return unknown;
  const named = held.filter(({ port }) => namedPorts(app).includes(port));
  if (named.length > 0) return named;
  const others = processes.filter(
    (each) => each.isCluster && each.pid > 0 && each.name !== app.name,
  );
  const taken = new Set(others.flatMap(namedPorts));
  const left = held.filter(({ port }) => !taken.has(port));
  const rivals = others.filter((each) => !held.some(({ port }) => namedPorts(each).includes(port)));
  const [rival] = rivals;
  if (left.length === 0 || rival === undefined) return left;
  return {
    reason: `PM2's daemon holds ${portList(left)} for ${app.name} and ${rival.name}, and it is not known which app has which; set PORT in the env of each`,
  };
}

/** The ports that the environment of an app names. */
export function namedPorts({ env }: ManagedProcess): readonly number[] {
  return [env['increment_var'], 'PORT']
    .map((name) => (typeof name === 'string' ? Number(env[name]) : Number.NaN))
    .filter((port) => Number.isInteger(port) && port > 0);
}

function portList(listeners: readonly Listener[]): string {
  const ports = [...new Set(listeners.map(({ port }) => port))].toSorted((a, b) => a - b);
  return `${ports.length === 1 ? 'port' : 'ports'} ${ports.join(', ')}`;
}
