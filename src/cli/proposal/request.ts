import { askHttp, askHttpFollowing } from '../../probe/http/ask.ts';
import type { HttpAnswer } from '../../probe/http/exchange.ts';
import { headersFor, originOf, pathOf } from '../../probe/http/request.ts';
import type { Reply } from '../../probe/net/attempt.ts';
import type { TlsOptions } from '../../probe/probe.ts';
import type { Clock } from '../../time/clock.ts';
import { LightAbortController } from '../../time/light-abort.ts';

/** One question to a port. */
export interface Question {
  readonly url: string;
  readonly method: 'GET' | 'HEAD';
  readonly tls: TlsOptions;
  /** The addresses at which the app listens, which may be fewer than those of the URL's host. */
  readonly addresses: readonly string[];
  /** The Unix socket that is asked in place of host and port; undefined for none. */
  readonly socket?: string | undefined;
  /** The deadline for the whole answer, in milliseconds. */
  readonly timeoutMs: number;
  /** True where redirects within the origin are followed, as the http probe does. */
  readonly follows: boolean;
}

/** As much as the http probe reads of a body. */
const MAX_BODY_BYTES = 64 * 1024;

/** Asks once, and waits for the whole body as the http probe does. Never rejects. */
export async function request(
  { url, method, tls, addresses, socket, timeoutMs, follows }: Question,
  clock: Clock,
): Promise<Reply<HttpAnswer>> {
  const target = new URL(url);
  const signal = new LightAbortController();
  const timer = setTimeout(() => signal.abort(), Math.max(1, timeoutMs));
  try {
    return await (follows ? askHttpFollowing : askHttp)(
      originOf(target, socket === undefined ? { tls, addresses } : { tls, socket }),
      {
        method,
        path: pathOf(target),
        headers: headersFor(target, {}),
        maxBodyBytes: MAX_BODY_BYTES,
        useBody: () => 'keep',
      },
      { signal, timeoutMs, now: () => clock.now() },
    );
  } finally {
    clearTimeout(timer);
  }
}
