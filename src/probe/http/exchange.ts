import { request as openRequest } from 'node:http';
import type { ClientRequest, IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { codeOf } from '../../errors.ts';
import { awaitReply } from '../net/attempt.ts';
import type { Attempt, Reply } from '../net/attempt.ts';
import { outcomeOfError } from '../net/connect-error.ts';
import type { Stage } from '../net/connect-error.ts';
import { formatEndpoint } from '../net/endpoint.ts';
import type { BodyUse, HttpOrigin, HttpRequest } from './request.ts';
import { isSelfConnected, refusal } from '../net/self-connect.ts';
import type { ProbeTimings, ProbeContext } from '../probe.ts';

/** More interim answers (1xx) than this before the final one are a flood. */
const MAX_INTERIM_ANSWERS = 32;

/**
 * All header lines of one answer together, also where Node's own flag says otherwise. Four times Node's
 * default: an app may have worked for years with large cookies.
 */
const MAX_HEADER_BYTES = 64 * 1024;

/** No real body has more pieces than this; each piece costs work in Node's streams. */
const MAX_BODY_PARTS = 16 * 1024;

/** How long a body is waited for without which the answer is an answer too. */
const TRY_MS = 1_000;

const NO_BODY = Buffer.alloc(0);

/** One complete answer, with the part of the body that was wanted. */
export interface HttpAnswer {
  readonly status: number;
  readonly statusText: string;
  readonly location: string | undefined;
  readonly contentType: string;
  /** The kept part of the body; empty unless `keep` was wanted. */
  readonly body: Buffer;
  /** True where the body was longer than the cap. */
  readonly isCut: boolean;
  readonly timings: ProbeTimings;
  /** The connection, where the request wanted a switch of protocols and got it; the reader must close it. */
  readonly switched?: Switched;
}

/** A connection that speaks another protocol from here on. */
export interface Switched {
  readonly headers: IncomingHttpHeaders;
  readonly socket: Socket;
  /** The first bytes of the new protocol, which came with the headers. */
  readonly head: Buffer;
}

/** Asks one address once over a new connection, which is destroyed at the end. */
export function openExchange(
  origin: HttpOrigin,
  request: HttpRequest,
  address: string,
  resolveMs: number | undefined,
  context: Pick<ProbeContext, 'now' | 'timeoutMs'>,
): Attempt<HttpAnswer> {
  const exchange = new HttpExchange(origin, request, address, context);
  if (resolveMs !== undefined) exchange.timings.resolveMs = resolveMs;
  return exchange;
}

class HttpExchange implements Attempt<HttpAnswer> {
  readonly reply: Promise<Reply<HttpAnswer>>;
  readonly timings: ProbeTimings = {};
  readonly #peer: string;
  readonly #context: Pick<ProbeContext, 'now' | 'timeoutMs'>;
  readonly #wanted: HttpRequest;
  readonly #request: ClientRequest;
  #socket: Socket | undefined;
  #response: IncomingMessage | undefined;
  readonly #settle: (reply: Reply<HttpAnswer>) => void;
  #isOver = false;
  #stage: Stage = 'connect';
  #phaseBegan: number;
  #interimAnswers = 0;
  #bodyBytes = 0;
  #bodyParts: Buffer[] | null = null;
  #partsSeen = 0;
  #trying: NodeJS.Timeout | undefined;

  constructor(
    origin: HttpOrigin,
    wanted: HttpRequest,
    address: string,
    context: Pick<ProbeContext, 'now' | 'timeoutMs'>,
  ) {
    this.#peer = formatEndpoint(address, origin.port);
    this.#context = context;
    this.#wanted = wanted;
    this.#phaseBegan = context.now();
    const { reply, settle } = awaitReply<HttpAnswer>();
    this.reply = reply;
    this.#settle = settle;
    this.#request = openRequest({
      method: wanted.method,
      path: wanted.path,
      headers: wanted.headers,
      setHost: false,
      maxHeaderSize: MAX_HEADER_BYTES,
      // With a connection of our own Node uses no agent: nothing is pooled or kept alive.
      createConnection: () => this.#dial(origin, address),
    });
    this.#listen();
    this.#request.end();
  }

  hasConnected(): boolean {
    return this.#stage !== 'connect';
  }

  end(): void {
    if (this.#trying !== undefined) return this.#answer(true);
    const [detail, { timings }] = [this.#waitingFor(), this];
    this.#over({ kind: 'failure', outcome: { kind: 'fail', class: 'timeout', detail, timings } });
  }

  #dial(origin: HttpOrigin, address: string): Socket {
    const socket = origin.dial(address, origin.port);
    this.#socket = socket;
    socket.once('connect', () => {
      if (isSelfConnected(socket, origin.port)) socket.destroy(refusal());
      else this.timings.connectMs = this.#enter(origin.isSecure ? 'tls' : 'firstByte');
    });
    if (origin.isSecure) {
      socket.once('secureConnect', () => {
        this.timings.tlsMs = this.#enter('firstByte');
      });
    }
    return socket;
  }

  #listen(): void {
    const request = this.#request;
    request.once('response', (response) => this.#onResponse(response));
    request.on('information', () => this.#onInterimAnswer());
    request.once('upgrade', (response, _socket, head) => this.#onSwitch(response, head));
    // `on`, not `once`: an error after the end must find a listener.
    request.on('error', (error) => this.#onError(error));
    request.once('close', () => {
      if (!this.#isOver) this.#onError(new Error('the connection closed'));
    });
  }

  /** Begins the next stage; returns how long the one before took. */
  #enter(stage: Stage): number {
    const now = this.#context.now();
    const tookMs = now - this.#phaseBegan;
    this.#stage = stage;
    this.#phaseBegan = now;
    return tookMs;
  }

  #onInterimAnswer(): void {
    this.#interimAnswers += 1;
    if (this.#interimAnswers <= MAX_INTERIM_ANSWERS) return;
    const detail = `more than ${MAX_INTERIM_ANSWERS} interim answers (1xx) and no final one`;
    const { timings } = this;
    this.#over({ kind: 'failure', outcome: { kind: 'fail', class: 'reset', detail, timings } });
  }

  #onSwitch(response: IncomingMessage, head: Buffer): void {
    this.#response = response;
    this.timings.firstByteMs = this.#enter('transfer');
    const socket = this.#socket;
    if (this.#wanted.wantsSwitch !== true || socket === undefined) return this.#answer(false);
    this.#socket = undefined;
    this.#answer(false, { headers: response.headers, socket, head });
  }

  #onResponse(response: IncomingMessage): void {
    this.#response = response;
    this.timings.firstByteMs = this.#enter('transfer');
    // Node reports a broken body only as an error of the response.
    response.on('error', (error) => this.#onError(error));
    const use = this.#wanted.useBody(response.statusCode ?? 0);
    if (use === 'skip') return this.#answer(false);
    if (use === 'try') this.#trying = setTimeout(() => this.#answer(true), TRY_MS);
    response.on('data', (part: Buffer) => this.#onBody(part, use));
    response.once('end', () => this.#answer(false));
  }

  #onBody(part: Buffer, use: BodyUse): void {
    if (this.#isOver) return;
    const room = this.#wanted.maxBodyBytes - this.#bodyBytes;
    const kept = part.length > room ? part.subarray(0, room) : part;
    if (use !== 'drain') (this.#bodyParts ??= []).push(kept);
    this.#bodyBytes += part.length;
    this.#partsSeen += 1;
    if (part.length > room || this.#partsSeen > MAX_BODY_PARTS) this.#answer(true);
  }

  #answer(isCut: boolean, switched?: Switched): void {
    const response = this.#response;
    if (response === undefined) return;
    this.timings.transferMs = this.#enter('transfer');
    const answer: HttpAnswer = {
      status: response.statusCode ?? 0,
      statusText: response.statusMessage ?? '',
      location: response.headers.location,
      contentType: response.headers['content-type'] ?? '',
      body: this.#bodyParts === null ? NO_BODY : Buffer.concat(this.#bodyParts),
      isCut,
      timings: this.timings,
    };
    this.#over({ kind: 'answer', answer: switched ? { ...answer, switched } : answer });
  }

  #onError(error: Error): void {
    // Bytes after a complete answer break the parser, but not the answer: its `end` event will come.
    if (this.#response?.complete === true) return;
    if (this.#trying !== undefined) return this.#answer(true);
    const outcome = outcomeOfError(error, this.#stage, this.#peer, this.timings);
    this.#over({ kind: 'failure', outcome, code: codeOf(error) });
  }

  #over(reply: Reply<HttpAnswer>): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#trying);
    this.#bodyParts = null;
    this.#settle(reply);
    // To destroy the request would also destroy a connection that was passed on.
    if (this.#socket !== undefined) this.#request.destroy();
    this.#socket?.destroy();
  }

  /** What the probe waits for now. */
  #waitingFor(): string {
    const { timeoutMs } = this.#context;
    const received = this.#socket?.bytesRead ?? 0;
    switch (this.#stage) {
      case 'resolve':
      case 'connect':
        return `no connection within ${timeoutMs} ms (${this.#peer})`;
      case 'tls':
        return `no answer within ${timeoutMs} ms (connected, waiting for the TLS handshake)`;
      case 'firstByte':
        return received > 0 && this.timings.tlsMs === undefined
          ? `no complete answer within ${timeoutMs} ms (${received} bytes of header)`
          : `no answer within ${timeoutMs} ms (connected, waiting for the first byte)`;
      case 'transfer':
        return `no complete answer within ${timeoutMs} ms (status ${this.#response?.statusCode}, ${this.#bodyBytes} bytes of body)`;
    }
  }
}
