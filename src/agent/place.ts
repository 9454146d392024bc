import { join } from 'node:path';
import { socketPathOf } from '../control/socket-path.ts';

/** The names of agents' sockets: pid and birth. They are no longer than the longest beside the control socket. */
export const AGENT_NAME = /^a(?<pid>\d{1,10})-(?<birth>[0-9a-z]{1,10})$/;

/** The private folder with the sockets of a PM2_HOME's agents; null on Windows, which has none. */
export function agentDirOf(pm2Home: string): string | null {
  const place = socketPathOf(pm2Home);
  return place.kind === 'socket' ? place.dir : null;
}

/** The socket of one process; `birth` is a whole number. */
export function agentSocketIn(dir: string, pid: number, birth: number): string {
  return join(dir, `a${pid}-${Math.trunc(birth).toString(36)}`);
}
