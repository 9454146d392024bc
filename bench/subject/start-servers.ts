import { fork } from 'node:child_process';
import { messageOf } from './measure.ts';

/** Local servers in a process of their own. */
export interface Servers {
  readonly pid: number;
  readonly ports: readonly number[];
  /** From now on the server with this number accepts requests and answers none. */
  hang(index: number | 'all'): void;
  /** How many requests came in each second; by seconds since 1970. */
  served(): Promise<Readonly<Record<number, number>>>;
  stop(): void;
}

/** Starts servers on `count` loopback ports. */
export async function startServers(count: number): Promise<Servers> {
  const child = fork(new URL('servers.ts', import.meta.url), [String(count)], {
    execArgv: ['--import', 'tsx'],
  });
  const { ports } = await messageOf<{ ports: number[] }>(child, 'ports');
  return {
    pid: child.pid ?? 0,
    ports,
    hang: (index) => child.send({ hang: index }),
    served: async () => {
      child.send({ count: true });
      return (await messageOf<{ served: Record<number, number> }>(child, 'served')).served;
    },
    stop: () => child.disconnect(),
  };
}
