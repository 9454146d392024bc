import type { Clock } from '../time/clock.ts';
import { listeningSockets, type ListeningSocket } from './linux-net.ts';
import type { LinuxProc } from './linux-proc.ts';

/** All listening sockets at one moment. */
interface Look {
  readonly at: number;
  readonly sockets: readonly ListeningSocket[];
  readonly byPort: ReadonlyMap<number, readonly ListeningSocket[]>;
}

/** The kernel's list of listening sockets, read once for all who can bear that it is not quite new. */
export class ListeningTable {
  readonly #proc: LinuxProc;
  readonly #clock: Clock;
  #last: Look | null = null;

  constructor(proc: LinuxProc, clock: Clock) {
    this.#proc = proc;
    this.#clock = clock;
  }

  /** All; null where they cannot be read. 0 reads anew. */
  all(maxAgeMs: number): readonly ListeningSocket[] | null {
    return this.#look(maxAgeMs)?.sockets ?? null;
  }

  /** Those at one port. */
  at(port: number, maxAgeMs: number): readonly ListeningSocket[] | null {
    const look = this.#look(maxAgeMs);
    return look && (look.byPort.get(port) ?? []);
  }

  #look(maxAgeMs: number): Look | null {
    const at = this.#clock.now();
    if (this.#last !== null && at - this.#last.at < maxAgeMs) return this.#last;
    const sockets = listeningSockets(this.#proc);
    this.#last = sockets && { at, sockets, byPort: byPortOf(sockets) };
    return this.#last;
  }
}

function byPortOf(sockets: readonly ListeningSocket[]): Map<number, ListeningSocket[]> {
  const byPort = new Map<number, ListeningSocket[]>();
  for (const socket of sockets) {
    const same = byPort.get(socket.port);
    if (same === undefined) byPort.set(socket.port, [socket]);
    else same.push(socket);
  }
  return byPort;
}
