import type { Listener, ListeningSocket, SocketTable } from './os-reader.ts';

/** A program is started for each list: no more often than this, however new one is wanted. */
const LEAST_MS = 5_000;

/** All listening sockets, where a program of the system lists them. Who holds one stands for which it is. */
export class ListedSockets {
  readonly #list: () => Promise<readonly Listener[] | null>;
  readonly #now: () => number;
  #last: { readonly at: number; readonly table: Promise<SocketTable | null> } | null = null;

  constructor(list: () => Promise<readonly Listener[] | null>, now: () => number) {
    this.#list = list;
    this.#now = now;
  }

  /** The sockets as they were at most `maxAgeMs` ago, or a few seconds. */
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
