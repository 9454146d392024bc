import type { OsReader } from '../../os/os-reader.ts';
import { treeOf } from '../../os/tree.ts';

/** Who listens on a port, told apart by whether it is of an app's process tree. */
export interface PortListeners {
  /** Whether anybody listens there, on whatever address; null is not known. */
  readonly isHeld: boolean | null;
  /** The pids of the app's tree, whether they listen or not; empty where that is not known. */
  readonly tree: readonly number[];
  /** Those who listen, as far as we may see them. */
  readonly listening: readonly Listening[];
}

/** A process that listens on the port. */
export interface Listening {
  readonly pid: number;
  /** Its command line; null where it is not known. */
  readonly command: string | null;
  readonly isOfApp: boolean;
}

/** Looks who listens on a port; `pid` is PM2's own process of the app. */
export async function portListeners(
  port: number,
  pid: number,
  reader: OsReader,
): Promise<PortListeners> {
  const listeners = await reader.listeners(port);
  const pids = [...new Set(listeners?.flatMap((listener) => listener.pids ?? []))];
  const table = await reader.processes(pids);
  const tree = table === null ? [] : treeOf(table, pid).map((each) => each.pid);
  return {
    isHeld: listeners && listeners.length > 0,
    tree,
    listening: pids.map((each) => ({
      pid: each,
      command: table?.get(each)?.command ?? null,
      isOfApp: each === pid || tree.includes(each),
    })),
  };
}
