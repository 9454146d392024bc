import { createOsReader } from '../../src/os/create-reader.ts';
import { until } from './until.ts';

/** The pids that listen on a port. */
export async function listenersOn(port: number): Promise<readonly number[]> {
  const listeners = await createOsReader().listeners(port);
  return [...new Set((listeners ?? []).flatMap(({ pids }) => pids ?? []))];
}

/** The child of a Vite 7 that transforms its modules. */
export function transformerOf(pid: number): Promise<number> {
  // Vite answers before it has started it.
  return until('one child of Vite is esbuild', async () => {
    const table = await createOsReader().processes();
    const [child, ...others] = [...(table?.values() ?? [])].filter(
      ({ ppid, command }) => ppid === pid && command.includes('esbuild'),
    );
    return others.length === 0 && child?.pid;
  });
}
