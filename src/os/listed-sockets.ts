import type { Listener, ListeningSocket, SocketTable } from './os-reader.ts';

/** Each list starts a program, so at least this time is between two lists. */
const LEAST_MS = 5_000;

/** All listening sockets, from a program of the system. The pids that hold a socket serve as its id. */
export class ListedSockets {
  readonly #list: () => Promise<readonly Listener[] | null>;
  readonly #now: () => number;
  #last: { readonly at: number; readonly table: Promise<SocketTable | null> } | null = null;

  constructor(list: () => Promise<readonly Listener[] | null>, now: () => number) {
    this.#list = list;
    this.#now = now;
  }

  /** The sockets of at most `maxAgeMs` ago, or of 5 s ago where that is longer. */
  within(maxAgeMs: number): Promise<SocketTable | null> {
    const at = this.#now();
    if (this.#last === null || at - this.#last.at > Math.max(maxAgeMs, LEAST_MS)) {
      this.#last = { at, table: this.#list().then((listeners) => listeners && tableOf(listeners)) };
    }
    return this.#last.table;
  }
}

function tableOf(listeners: readonly Listener[]): SocketTable {
  const table = new Map<number, ListeningSocket[]>();
  for (const { address, port, pids } of listeners) {
    const socket = { address, port, id: pids?.toSorted().join(' ') ?? '', uid: null };
    const beside = table.get(port);
    if (beside === undefined) table.set(port, [socket]);
    else beside.push(socket);
  }
  return table;
}
