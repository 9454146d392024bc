import { Session } from 'node:inspector';
import type { ProfileNode } from './profile.ts';

/** Half a millisecond between two samples: a short profile still has a hundred. */
const INTERVAL_US = 500;

/** The answer to a message, or null where it came too late or was refused. */
type Reply = Record<string, unknown> | null;

/**
 * Asks V8's inspector in the main thread, from this thread and without a port. The main thread takes a message
 * between two of its own instructions, also in an endless loop, but not in a system call.
 *
 * It profiles and does not pause: a pause that comes too late would hold the app, and a regular expression cannot
 * be paused at all.
 */
export class MainSession {
  readonly #session = new Session();
  readonly #until: number;

  /** Everything is over at `until`, on this thread's `performance.now()`. */
  constructor(until: number) {
    this.#until = until;
    this.#session.connectToMainThread();
  }

  /** The nodes of a profile of `ms`; null where the main thread runs no JavaScript until the deadline. */
  async profile(ms: number): Promise<readonly ProfileNode[] | null> {
    this.#send('Profiler.enable');
    this.#send('Profiler.setSamplingInterval', { interval: INTERVAL_US });
    if ((await this.#send('Profiler.start')) === null) return null;
    await new Promise((resolve) => setTimeout(resolve, ms));
    const reply = await this.#send('Profiler.stop');
    // V8's own form (Profiler.Profile of the protocol).
    const profile = reply?.['profile'] as { readonly nodes?: readonly ProfileNode[] } | undefined;
    return profile?.nodes ?? null;
  }

  /** Where scripts name their source maps, of the scripts that are wanted; what runs from memory is known here alone. */
  async mapUrls(wanted: ReadonlySet<string>): Promise<ReadonlyMap<string, string>> {
    const urls = new Map<string, string>();
    this.#session.on('Debugger.scriptParsed', ({ params: { url, sourceMapURL } }) => {
      if (sourceMapURL && wanted.has(url)) urls.set(url, sourceMapURL);
    });
    await this.#send('Debugger.enable');
    return urls;
  }

  /** Takes everything back. Idempotent; never throws. */
  end(): void {
    try {
      this.#session.disconnect();
    } catch {
      // The main thread is ending.
    }
  }

  #send(method: string, params: object = {}): Promise<Reply> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(null), Math.max(1, this.#until - performance.now()));
      try {
        this.#session.post(method, params, (error: Error | null, result?: object) => {
          clearTimeout(timer);
          resolve(error === null ? { ...result } : null);
        });
      } catch {
        clearTimeout(timer);
        resolve(null);
      }
    });
  }
}
