import assert from 'node:assert/strict';
import { createOsReader } from '../../src/os/create-reader.ts';

/** The pids that listen on a port. */
export async function listenersOn(port: number): Promise<readonly number[]> {
  const listeners = await createOsReader().listeners(port);
  return [...new Set((listeners ?? []).flatMap(({ pids }) => pids ?? []))];
}

/** The child of a Vite 7 that transforms its modules. */
export async function transformerOf(pid: number): Promise<number> {
  const table = (await createOsReader().processes()) ?? assert.fail('the processes cannot be read');
  const [child, ...others] = [...table.values()].filter(
    ({ ppid, command }) => ppid === pid && command.includes('esbuild'),
  );
  assert.ok(child && others.length === 0, 'one child of Vite is esbuild');
  return child.pid;
}
