import type { OsReader } from '../../os/os-reader.ts';
import { treeOf } from '../../os/tree.ts';

/** The listeners on a port, and the process tree of an app. */
interface PortListeners {
  /** True where anything listens on the port, on any address; null: not known. */
  readonly isHeld: boolean | null;
  /** All pids of the app's tree; empty where not known. */
  readonly tree: readonly number[];
  /** The visible processes that listen. */
  readonly listening: readonly Listening[];
}

/** A process that listens on the port. */
export interface Listening {
  readonly pid: number;
  /** Its command line; null where not known. */
  readonly command: string | null;
  readonly isOfApp: boolean;
}

/** Finds the listeners on a port; `pid` is PM2's own process of the app. */
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
