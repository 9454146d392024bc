import { reachedBy } from '../../diagnosis/probed-address.ts';
import { isLoopback } from '../../os/address.ts';
import { isRedirect } from '../../probe/http/ask.ts';
import type { HttpAnswer } from '../../probe/http/exchange.ts';
import type { Failure, Reply } from '../../probe/net/attempt.ts';
import type { TlsOptions } from '../../probe/probe.ts';
import type { Clock } from '../../time/clock.ts';
import { answersPing, servesModules } from './ask-vite.ts';
import type { OwnPort } from './own-ports.ts';
import { request } from './request.ts';

/** What a port answered. */
export type PortAnswer =
  | WebAnswer
  /** Node's inspector, which every Node process may open. */
  | { readonly kind: 'inspector' }
  /** HTTP was tried, with and without TLS, and refused. */
  | { readonly kind: 'not-http' }
  /** It accepts connections, and gives no answer. */
  | { readonly kind: 'silent' }
  /** Nothing listens there any more. */
  | { readonly kind: 'closed' };

/** The answer of a port that speaks HTTP. */
export interface WebAnswer {
  /** `vite` where the vite probe can check it. */
  readonly kind: 'http' | 'vite';
  /** `/`, or the base of a Vite dev server. */
  readonly path: string;
  readonly isSecure: boolean;
  /** False where the certificate is not trusted here, such as one that the app signed itself. */
  readonly isTrusted: boolean;
  readonly tookMs: number;
  /** Null where the page was late, and only Vite's ping was answered. */
  readonly status: number | null;
  readonly isHtml: boolean;
  readonly isRedirect: boolean;
  /** True where the redirects lead to no page. */
  readonly isLoop: boolean;
  /** HEAD where the body of the answer to GET never ends. */
  readonly method: 'GET' | 'HEAD';
}

/** What is left for other questions after one without an answer. */
const RESERVE_MS = 1_000;

/** Slower than this once may be the first answer after a start, which takes longest: ask again. */
export const SLOW_MS = 1_000;

/** What Node's inspector answers. */
const INSPECTOR = 'WebSockets request was expected';

/** What servers say in plain HTTP on a port that wants TLS: nginx, Apache, Go. */
const WANTS_TLS = /sent to HTTPS port|plain HTTP to an SSL|HTTP request to an HTTPS/i;

/** The host in the URL of a port: `localhost` reaches both families of loopback. */
export function hostOf({ addresses }: OwnPort): string {
  const reached = addresses.map(reachedBy);
  const [first = '127.0.0.1'] = reached;
  if (reached.some(isLoopback)) return 'localhost';
  return first.includes(':') ? `[${first}]` : first;
}

/** Asks one port, until `until` (monotonic milliseconds) at most. Never rejects. */
export async function askPort(port: OwnPort, clock: Clock, until: number): Promise<PortAnswer> {
  const plain = await new Questions('http', port, clock, until).ask();
  const isEnough = plain.answer.kind !== 'not-http' && !plain.wantsTls;
  // TLS ends at the proxy that asks a Unix socket.
  if (isEnough || port.socket !== undefined) return plain.answer;
  const { answer } = await new Questions('https', port, clock, until).ask();
  // Where it is closed now, the app did not live through the question.
  const isBetter = answer.kind !== 'not-http' && answer.kind !== 'silent';
  return isBetter ? answer : plain.answer;
}

/** All that is asked of one port over one scheme. */
class Questions {
  readonly #url: string;
  readonly #addresses: readonly string[];
  readonly #socket: string | undefined;
  readonly #clock: Clock;
  readonly #until: number;
  readonly #isSecure: boolean;

  constructor(scheme: 'http' | 'https', port: OwnPort, clock: Clock, until: number) {
    this.#socket = port.socket;
    const at = port.socket === undefined ? `${hostOf(port)}:${port.port}` : 'localhost';
    this.#url = `${scheme}://${at}/`;
    this.#addresses = port.addresses.map(reachedBy);
    this.#clock = clock;
    this.#until = until;
    this.#isSecure = scheme === 'https';
  }

  async ask(): Promise<{ readonly answer: PortAnswer; readonly wantsTls: boolean }> {
    const startedAt = this.#clock.now();
    const [page, isPinged] = await Promise.all([
      this.#request('GET', this.#until - startedAt - RESERVE_MS),
      this.#answersPing('/'),
    ]);
    const firstMs = this.#clock.now() - startedAt;
    const headed =
      page.kind === 'failure' && isEndless(page) ? await this.#request('HEAD', RESERVE_MS) : page;
    const answer = headed.kind === 'answer' ? headed.answer : null;
    if (answer === null && !isPinged) return { answer: failed(headed), wantsTls: false };
    if (answer !== null && isInspector(answer)) return { answer: INSPECTED, wantsTls: false };
    const base = await this.#viteBase(isPinged, answer);
    const isMoved = answer !== null && isRedirect(answer.status);
    return {
      answer: {
        kind: base === null ? 'http' : 'vite',
        path: base ?? '/',
        isSecure: this.#isSecure,
        isTrusted: await this.#isTrusted(),
        tookMs: firstMs < SLOW_MS ? firstMs : await this.#againMs(firstMs),
        status: answer?.status ?? null,
        isHtml: /html/i.test(answer?.contentType ?? ''),
        isRedirect: isMoved,
        isLoop: isMoved && (await this.#request('GET', RESERVE_MS, true)).kind === 'failure',
        method: headed === page ? 'GET' : 'HEAD',
      },
      wantsTls: !this.#isSecure && answer !== null && asksForTls(answer),
    };
  }

  /** How long a second answer takes; `firstMs` where it does not come in time. */
  async #againMs(firstMs: number): Promise<number> {
    const startedAt = this.#clock.now();
    const again = await this.#request('GET', this.#until - startedAt);
    return again.kind === 'answer' ? this.#clock.now() - startedAt : firstMs;
  }

  /** The base of a Vite dev server: the root, or where the root redirects; null where this is none. */
  async #viteBase(isPinged: boolean, answer: HttpAnswer | null): Promise<string | null> {
    // A server that answers 204 to everything is no Vite.
    if (answer?.status === 204) return null;
    const path = isPinged || answer === null ? '/' : this.#redirectedTo(answer);
    if (path === null || (!isPinged && !(await this.#answersPing(path)))) return null;
    const isVite = await servesModules(this.#at(path), this.#clock, this.#until);
    return isVite ? path : null;
  }

  #redirectedTo({ status, location = '' }: HttpAnswer): string | null {
    if (!isRedirect(status) || !URL.canParse(location, this.#url)) return null;
    const { origin, pathname } = new URL(location, this.#url);
    return origin === new URL(this.#url).origin && pathname.endsWith('/') ? pathname : null;
  }

  #request(
    method: 'GET' | 'HEAD',
    ms: number,
    follows = false,
    tls: TlsOptions = { rejectUnauthorized: false },
  ): Promise<Reply<HttpAnswer>> {
    const timeoutMs = Math.min(ms, this.#until - this.#clock.now());
    const [url, addresses, socket] = [this.#url, this.#addresses, this.#socket];
    return request({ url, method, tls, addresses, socket, timeoutMs, follows }, this.#clock);
  }

  async #isTrusted(): Promise<boolean> {
    if (!this.#isSecure) return true;
    const reply = await this.#request('HEAD', RESERVE_MS, false, {});
    if (reply.kind === 'answer') return true;
    return reply.outcome.kind !== 'fail' || reply.outcome.class !== 'misconfig';
  }

  async #answersPing(path: string): Promise<boolean> {
    if (this.#socket !== undefined) return false; // Vite listens on no Unix socket
    return answersPing(this.#at(path), this.#clock, this.#until);
  }

  #at(path: string): { readonly url: string; readonly addresses: readonly string[] } {
    return { url: new URL(path, this.#url).href, addresses: this.#addresses };
  }
}

/** True where an answer began, and did not end. */
function isEndless({ outcome }: Failure): boolean {
  if (outcome.kind !== 'fail' || outcome.class !== 'timeout') return false;
  return outcome.timings?.firstByteMs !== undefined;
}

function asksForTls({ status, body }: HttpAnswer): boolean {
  return status === 400 && WANTS_TLS.test(body.toString('latin1'));
}

const INSPECTED: PortAnswer = { kind: 'inspector' };

function isInspector({ status, body }: HttpAnswer): boolean {
  return status === 400 && body.toString('latin1').startsWith(INSPECTOR);
}

function failed(reply: Reply<HttpAnswer>): PortAnswer {
  if (reply.kind === 'answer' || reply.outcome.kind !== 'fail') return { kind: 'silent' };
  const { class: failure } = reply.outcome;
  if (failure === 'refused') return { kind: 'closed' };
  return { kind: failure === 'timeout' ? 'silent' : 'not-http' };
}
