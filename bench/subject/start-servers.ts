import { fork } from 'node:child_process';
import { messageOf } from './measure.ts';

/** Local servers in a process of their own. */
export interface Servers {
  readonly pid: number;
  readonly ports: readonly number[];
  /** From now on the server of that number takes questions and answers none. */
  hang(index: number): void;
  stop(): void;
}

/** Starts servers on so many ports of loopback. */
export async function startServers(count: number): Promise<Servers> {
  const child = fork(new URL('servers.ts', import.meta.url), [String(count)], {
    execArgv: ['--import', 'tsx'],
  });
  const { ports } = await messageOf<{ ports: number[] }>(child, 'ports');
  return {
    pid: child.pid ?? 0,
    ports,
    hang: (index) => child.send({ hang: index }),
    stop: () => child.disconnect(),
  };
}
