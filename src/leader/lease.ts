import type { Server as HttpServer } from 'node:http';
import { closeServer } from './listen.ts';

/** The lock on one PM2_HOME, as long as it is held; the socket serves while it is. */
export interface Lease {
  /** What clients connect to. */
  readonly path: string;
  /** Aborted when another process has taken the lock; never by `release`. */
  readonly lost: AbortSignal;
  /** Why we lead without really holding it (LocklessLease); null where it is held. */
  readonly trouble: string | null;
  /** Whether the claim stands now; worth asking before something that only one may do. */
  check(): Promise<boolean>;
  /** Gives the lock up and takes our own socket away. Idempotent; never throws. */
  release(): Promise<void>;
}

/** A Windows named pipe: the system itself allows one, and frees it. */
export class PipeLease implements Lease {
  readonly path: string;
  readonly lost: AbortSignal = new AbortController().signal;
  readonly trouble = null;
  readonly #server: HttpServer;

  constructor(path: string, server: HttpServer) {
    this.path = path;
    this.#server = server;
  }

  check(): Promise<boolean> {
    return Promise.resolve(this.#server.listening);
  }

  release(): Promise<void> {
    return closeServer(this.#server);
  }
}
