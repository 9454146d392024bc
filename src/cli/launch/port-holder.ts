import { hideLogins } from '../../config/secrets/word-secrets.ts';
import type { OsReader } from '../../os/os-reader.ts';
import type { TargetStatus } from '../../report/status.ts';
import { portListeners, type Listening } from './port-listeners.ts';

/**
 * Who listens on the probed port of a target, in one sentence; null where it has no port. In cluster mode
 * this is PM2's daemon (`daemonPid`, 0 where not known).
 */
export async function holderSentence(
  target: Pick<TargetStatus, 'pid' | 'probe'>,
  daemonPid: number,
  reader: OsReader,
): Promise<string | null> {
  const port = portOf(target);
  if (port === null) return null;
  const { isHeld, listening } = await portListeners(port, target.pid, reader);
  if (isHeld === null) return `${port}: this system does not show which process listens`;
  if (!isHeld) return `${port}: nobody listens`;
  if (listening.length === 0) return `${port}: held by a process that you are not allowed to see`;
  return `${port}: held by ${listening.map((each) => who(each, daemonPid)).join(' and ')}`;
}

/** The pid in an app's tree that listens on its port: below npm or a shell it is not PM2's own pid. */
export async function listenerOf(
  target: Pick<TargetStatus, 'pid' | 'probe'>,
  reader: OsReader,
): Promise<number> {
  const port = portOf(target);
  const found = port === null ? null : await portListeners(port, target.pid, reader);
  return found?.listening.find(({ isOfApp }) => isOfApp)?.pid ?? target.pid;
}

function who({ pid, command, isOfApp }: Listening, daemonPid: number): string {
  if (isOfApp) return `the app’s own process ${pid}`;
  if (pid === daemonPid) return `PM2’s daemon, process ${pid}, for the app in cluster mode`;
  return `process ${pid} (${command === null ? 'unknown' : hideLogins(command)}), which is not of the app’s tree`;
}

/** The port in `127.0.0.1:5173`, `[::1]:80` or a URL; null for a socket, a command and the like. */
function portOf({ probe: { type, target } }: Pick<TargetStatus, 'probe'>): number | null {
  if (/^[/\\]| at \S*[/\\]/.test(target)) return null;
  if (type === 'tcp') return Number(/:(\d+)$/.exec(target)?.[1] ?? Number.NaN) || null;
  if (!URL.canParse(target)) return null;
  const { port, protocol } = new URL(target);
  if (port !== '') return Number(port);
  return protocol === 'https:' || protocol === 'wss:' ? 443 : 80;
}
