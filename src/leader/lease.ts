import type { Server as HttpServer } from 'node:http';
import { closeServer } from './listen.ts';

/** The held lock on one PM2_HOME. Its socket serves clients while the lock is held. */
export interface Lease {
  /** The path that clients connect to. */
  readonly path: string;
  /** Aborts when another process has taken the lock; never by `release`. */
  readonly lost: AbortSignal;
  /** Why we lead without the lock (LocklessLease); null where we hold it. */
  readonly trouble: string | null;
  /** Resolves to true where we hold the lock now. Call it before something that only one monitor may do. */
  check(): Promise<boolean>;
  /** Gives the lock up and removes our socket. Idempotent; never rejects. */
  release(): Promise<void>;
}

/** A Windows named pipe: the system itself allows only one, and frees it. */
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
