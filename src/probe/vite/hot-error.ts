import { LightAbortController } from '../../time/light-abort.ts';
import { askHttpFollowing } from '../http/ask.ts';
import type { HttpAnswer } from '../http/exchange.ts';
import type { HttpRequest } from '../http/request.ts';
import type { ProbeContext } from '../probe.ts';
import { askWebSocket } from '../websocket/websocket.ts';
import { readHotError, type ViteError } from '../source/vite-error.ts';
import { readFrameworkError } from './framework-error.ts';
import { hotReloadSockets } from './hmr.ts';
import type { ViteTarget } from './target.ts';

/** How long the whole of it may take: a page that is an error is soon there. */
const WITHIN_MS = 10_000;
/** After `connected`, Vite hands a new client the last error that nobody was there to hear. */
const OLD_ERROR_MS = 100;
/** An error is sent before the page, or with it. */
const AFTER_PAGE_MS = 1_000;
/** Astro sends its error after the page: 200 ms, and the first time as long as its highlighter takes to load. */
const AFTER_ANNOUNCED_MS = 5_000;
/** The code around an error is in it several times; Astro's with its colours. */
const MAX_ERROR_BYTES = 512 * 1024;

/** What was heard while the page was asked for once more. */
export interface Heard {
  /** The error that Vite sent; undefined: none came. */
  readonly error: ViteError | undefined;
  /** The status of that page; undefined: no answer came, or it was not asked for. */
  readonly status: number | undefined;
}

/**
 * The error that Vite sends over hot reload while the page is asked for, where its overlay comes from.
 * Frameworks that render on the server answer with a page of their own, which does not say what is
 * wrong (SvelteKit: "Internal Error").
 */
export async function hearError(
  target: ViteTarget,
  base: string,
  page: HttpRequest,
  context: ProbeContext,
): Promise<Heard> {
  const [socket] = await hotReloadSockets(target, base, context);
  // The client script names the place, and the app serves that script: it is not to send us elsewhere.
  if (socket?.url.hostname !== target.url.hostname) return NOTHING;
  const signal = new LightAbortController();
  const end = (): void => signal.abort();
  const timer = setTimeout(end, WITHIN_MS);
  context.signal.addEventListener('abort', end, { once: true });
  if (context.signal.aborted) end();
  const within: ProbeContext = { ...context, signal, timeoutMs: WITHIN_MS };
  let status: number | undefined;
  const hearing = new Hearing(async () => {
    const reply = await askHttpFollowing(target.origin, page, within);
    if (reply.kind === 'answer') status = reply.answer.status;
    setTimeout(end, reply.kind === 'answer' ? waitAfter(reply.answer) : 0).unref();
  });
  const { url, headers, origin } = socket;
  const expect = { matcher: '"type":"error"', finder: hearing };
  const wanted = { send: undefined, expect, maxBytes: MAX_ERROR_BYTES };
  try {
    await askWebSocket(origin, { url, headers, protocol: 'vite-hmr', ...wanted }, within);
    return { error: hearing.error, status };
  } finally {
    clearTimeout(timer);
    hearing.stop();
    context.signal.removeEventListener('abort', end);
  }
}

/** How long the error may come after this page, in milliseconds. */
function waitAfter({ status, body }: HttpAnswer): number {
  const isAnnounced = status >= 500 && readFrameworkError(body.toString('utf8')) !== undefined;
  return isAnnounced ? AFTER_ANNOUNCED_MS : AFTER_PAGE_MS;
}

const NOTHING: Heard = { error: undefined, status: undefined };

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
    for (const text of texts) this.#error ??= readHotError(text);
    return this.#error !== undefined;
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}
