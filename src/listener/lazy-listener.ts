import { listenUrl, type ListenAddress } from '../config/listen-address.ts';
import type { SecretText } from '../config/secrets/secret-text.ts';
import { messageOf } from '../errors.ts';
import type { ListenerStatus } from '../report/listener-status.ts';
import type { Log } from '../report/log.ts';
import type { ListenerSession } from './listener-session.ts';
import type { OpenListenerDeps } from './open-listener.ts';

/** What loading uses. */
interface LazyListenerDeps {
  readonly address: ListenAddress;
  readonly token: SecretText | null;
  readonly log: Log;
}

/**
 * The listener of a leader, loaded only where someone may look. Nothing waits for that: a package that is replaced just
 * then, or a disk that hangs, costs the page and not the watch.
 */
export class LazyListener {
  readonly #deps: LazyListenerDeps;
  readonly #open: () => Promise<ListenerSession>;
  #session: ListenerSession | null = null;
  #problem: string | null = null;
  #isClosed = false;

  /** `open` loads the listener with all its routes, and starts it. */
  constructor(deps: LazyListenerDeps, open: () => Promise<ListenerSession>) {
    this.#deps = deps;
    this.#open = open;
  }

  /** Returns at once. */
  start(): void {
    void this.#load();
  }

  /** Why nothing can be asked for now; null while it can, and while it is loaded. */
  get warning(): string | null {
    return this.#session === null ? this.#problem : this.#session.warning;
  }

  /** For the status document. */
  status(): ListenerStatus {
    const { address, token } = this.#deps;
    const { warning: problem } = this;
    return { url: listenUrl(address), isGuarded: token !== null, problem };
  }

  /** Ends every connection and frees the port, also where it is still being loaded. Idempotent, never rejects. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#session?.close();
  }

  async #load(): Promise<void> {
    try {
      const session = await this.#open();
      if (this.#isClosed) return await session.close();
      this.#session = session;
    } catch (error) {
      this.#problem = `LIVENESS_HTTP: nothing listens, because it could not be loaded: ${messageOf(error)}`;
      this.#deps.log.line('error', this.#problem);
    }
  }
}

/** The listener of a leader with all its routes, not loaded yet. */
export function lazyListener(deps: OpenListenerDeps): LazyListener {
  return new LazyListener(deps, async () =>
    (await import('./open-listener.ts')).openListener(deps),
  );
}
