import { LightAbortController } from '../../time/light-abort.ts';
import { askHttpFollowing } from '../http/ask.ts';
import type { HttpRequest } from '../http/request.ts';
import type { ProbeContext } from '../probe.ts';
import { askWebSocket } from '../websocket/websocket.ts';
import { readHotError, type ViteError } from '../source/vite-error.ts';
import { hotReloadSockets } from './hmr.ts';
import type { ViteTarget } from './target.ts';

/** How long the whole of it may take: a page that is an error is soon there. */
const WITHIN_MS = 10_000;
/** After `connected`, Vite hands a new client the last error that nobody was there to hear. */
const OLD_ERROR_MS = 100;
/** Astro sends its error 200 ms after the page. */
const AFTER_PAGE_MS = 1_000;

/**
 * The error that Vite sends over hot reload while the page is asked for, where its overlay comes from.
 * Frameworks that render on the server answer with a page of their own, which does not say what is
 * wrong (SvelteKit: "Internal Error"). Undefined: none came.
 */
export async function hearError(
  target: ViteTarget,
  base: string,
  page: HttpRequest,
  context: ProbeContext,
): Promise<ViteError | undefined> {
  const [socket] = await hotReloadSockets(target, base, context);
  // The client script names the place, and the app serves that script: it is not to send us elsewhere.
  if (socket?.url.hostname !== target.url.hostname) return undefined;
  const signal = new LightAbortController();
  const end = (): void => signal.abort();
  const timer = setTimeout(end, WITHIN_MS);
  context.signal.addEventListener('abort', end, { once: true });
  if (context.signal.aborted) end();
  const within: ProbeContext = { ...context, signal, timeoutMs: WITHIN_MS };
  const hearing = new Hearing(async () => {
    await askHttpFollowing(target.origin, page, within);
    setTimeout(end, AFTER_PAGE_MS).unref();
  });
  const { url, headers, origin } = socket;
  const expect = { matcher: '"type":"error"', finder: hearing };
  const spec = { url, headers, protocol: 'vite-hmr', send: undefined, expect };
  try {
    await askWebSocket(origin, spec, within);
    return hearing.error;
  } finally {
    clearTimeout(timer);
    hearing.stop();
    context.signal.removeEventListener('abort', end);
  }
}

/** Asks for the page once the connection is there, and takes the first error after that. */
class Hearing {
  readonly #askPage: () => Promise<void>;
  #timer: NodeJS.Timeout | undefined;
  #isAsked = false;
  #error: ViteError | undefined;

  constructor(askPage: () => Promise<void>) {
    this.#askPage = askPage;
  }

  get error(): ViteError | undefined {
    return this.#error;
  }

  /** True once the error is there. */
  find(texts: readonly string[]): boolean {
    this.#timer ??= setTimeout(() => {
      this.#isAsked = true;
      void this.#askPage();
    }, OLD_ERROR_MS);
    if (!this.#isAsked) return false;
    const text = texts.find((each) => each.startsWith('{"type":"error"'));
    if (text !== undefined) this.#error = readHotError(text);
    return text !== undefined;
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}
