import type { Server } from 'node:http';
import { listenUrl, type ListenAddress } from '../config/listen-address.ts';
import type { SecretText } from '../config/secrets/secret-text.ts';
import { messageOf } from '../errors.ts';
import type { Log } from '../report/log.ts';
import type { ListenerStatus } from '../report/listener-status.ts';
import { durationText } from '../text/duration-text.ts';
import type { Clock } from '../time/clock.ts';
import { withTimeout } from '../time/deadline.ts';
import { LightAbortController } from '../time/light-abort.ts';
import { AccessCheck } from './access.ts';
import { LISTENER_LIMITS, type ListenerLimits } from './limits.ts';
import type { ListenerRoutes } from './route.ts';
import { createListenerServer, type ListenerServer } from './server.ts';

/** What listening uses. */
interface ListenerSessionDeps {
  readonly address: ListenAddress;
  /** Null for none. */
  readonly token: SecretText | null;
  readonly routes: ListenerRoutes;
  /** Ends what the routes began: event streams, timers. */
  readonly close?: () => Promise<void>;
  readonly clock: Clock;
  readonly log: Log;
  readonly limits?: ListenerLimits;
}

/** A port that is taken is tried again after 1 s, then 2, 4 … */
const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 30_000;

/** A name may have to be resolved. */
const LISTEN_MS = 10_000;

/** The log says at most this often that a route failed. */
const BUG_MS = 60_000;

/** Listens while this monitor leads. A port that cannot be had is reported and tried again, and disturbs nothing else. */
export class ListenerSession {
  readonly #deps: ListenerSessionDeps;
  readonly #access: AccessCheck;
  readonly #stopping = new LightAbortController();
  #running: Promise<void> = Promise.resolve();
  #open: ListenerServer | null = null;
  #problem: string | null = null;
  #bugAt = Number.NEGATIVE_INFINITY;

  constructor(deps: ListenerSessionDeps) {
    this.#deps = deps;
    this.#access = new AccessCheck(deps.address, deps.token, deps.clock);
  }

  /** Returns at once. */
  start(): void {
    this.#running = this.#run();
  }

  /** Why nothing can be asked for now; null while it can. */
  get warning(): string | null {
    return this.#problem;
  }

  /** For the status document. */
  status(): ListenerStatus {
    const { address, token } = this.#deps;
    return { url: listenUrl(address), isGuarded: token !== null, problem: this.#problem };
  }

  /** The port in use; null while nothing listens. */
  get port(): number | null {
    const address = this.#open?.server.address() ?? null;
    return address === null || typeof address === 'string' ? null : address.port;
  }

  /** Ends every connection and frees the port. Idempotent, never rejects. */
  async close(): Promise<void> {
    this.#stopping.abort();
    this.#end();
    await Promise.all([this.#running, this.#deps.close?.()]);
  }

  async #run(): Promise<void> {
    const { clock, log, address } = this.#deps;
    let waitMs = FIRST_RETRY_MS;
    while (!this.#stopping.aborted) {
      const reason = await this.#listen();
      if (this.#stopping.aborted) return this.#end();
      if (reason === null) {
        if (this.#problem !== null) log.line('info', `${this.#name} is free again`);
        this.#problem = null;
        log.line('info', `the apps can be seen at ${listenUrl(address)}`);
        waitMs = FIRST_RETRY_MS;
        const lost = await this.#untilLost();
        if (lost === null) return;
        this.#tell(`${this.#name}: ${lost}`, waitMs);
      } else {
        this.#tell(reason, waitMs);
      }
      await clock.sleep(waitMs, this.#stopping);
      waitMs = Math.min(waitMs * 2, LAST_RETRY_MS);
    }
  }

  /** Null where it listens now. Never rejects. */
  async #listen(): Promise<string | null> {
    const { routes, limits = LISTENER_LIMITS, address, clock } = this.#deps;
    const onBug = (error: unknown): void => this.noteBug(error);
    const opened = createListenerServer({ routes, access: this.#access, limits, onBug });
    this.#open = opened;
    const listening = listen(opened.server, address);
    const late = `${this.#name}: no answer of the system within ${durationText(LISTEN_MS)}`;
    const stopping = untilAborted(this.#stopping);
    const reason = await withTimeout(Promise.race([listening, stopping]), LISTEN_MS, late, clock);
    if (reason !== null) this.#end();
    return reason;
  }

  /** Null where it was closed on purpose, else why it does not listen any more. */
  #untilLost(): Promise<string | null> {
    const server = this.#open?.server;
    if (server === undefined) return Promise.resolve(null);
    return new Promise((resolve) => {
      server.once('close', () => resolve(null));
      server.once('error', (error) => {
        this.#end();
        resolve(messageOf(error));
      });
    });
  }

  #end(): void {
    const opened = this.#open;
    this.#open = null;
    if (opened === null) return;
    opened.server.on('error', () => undefined);
    opened.server.close();
    opened.connections.closeAll();
  }

  #tell(reason: string, waitMs: number): void {
    const { log } = this.#deps;
    if (this.#problem !== reason) {
      log.line('warn', `${reason}; tried again in ${durationText(waitMs)}, then less often`);
    }
    this.#problem = reason;
  }

  /** Says in the log what went wrong in a route; once a minute at most. */
  noteBug(error: unknown): void {
    const { clock, log } = this.#deps;
    if (clock.now() - this.#bugAt < BUG_MS) return;
    this.#bugAt = clock.now();
    log.line('error', `an answer of the listener could not be made: ${messageOf(error)}`);
  }

  get #name(): string {
    return `LIVENESS_HTTP ${listenUrl(this.#deps.address).slice('http://'.length)}`;
  }
}

/** Null where it listens, else the reason in words. Never rejects. */
function listen(server: Server, { host, port }: ListenAddress): Promise<string | null> {
  const name = `LIVENESS_HTTP ${listenUrl({ host, port }).slice('http://'.length)}`;
  return new Promise((resolve) => {
    const onError = (error: NodeJS.ErrnoException): void => {
      resolve(`${name}: ${REASONS[error.code ?? ''] ?? messageOf(error)}`);
    };
    server.once('error', onError);
    server.listen({ host, port, exclusive: true }, () => {
      server.off('error', onError);
      resolve(null);
    });
  });
}

/** Resolves when it aborts, with a reason that nobody reads: a name that takes long to resolve holds up no stop. */
function untilAborted(signal: LightAbortController): Promise<string> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve('stopped');
    signal.addEventListener('abort', () => resolve('stopped'));
  });
}

/** What the system says, in words. */
const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the port is taken by another program',
  EACCES: 'this user may not listen on that port; write one above 1023',
  EADDRNOTAVAIL: 'this machine does not have that address',
  ENOTFOUND: 'that name is not known',
  EAI_AGAIN: 'that name cannot be looked up now',
};
