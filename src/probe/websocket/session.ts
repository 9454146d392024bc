import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { codeOf } from '../../errors.ts';
import { awaitReply } from '../net/attempt.ts';
import type { Attempt, Reply } from '../net/attempt.ts';
import { formatMatcher } from '../http/body-match.ts';
import type { Matcher } from '../http/body-match.ts';
import { outcomeOfError } from '../net/connect-error.ts';
import { formatEndpoint } from '../net/endpoint.ts';
import type { Finder } from '../expression/finder.ts';
import { openExchange } from '../http/exchange.ts';
import type { HttpAnswer, Switched } from '../http/exchange.ts';
import type { HttpOrigin } from '../http/request.ts';
import type { FailureClass, Outcome, ProbeTimings, ProbeContext } from '../probe.ts';
import { encodeFrame, FrameReader, MAX_RECEIVED_BYTES } from './frames.ts';
import type { Frame } from './frames.ts';
import { handshakeRequest, judgeHandshake } from './handshake.ts';
import type { Handshake } from './handshake.ts';
import { closeGracefully } from './close-gracefully.ts';

/** What to send over a WebSocket, and what to wait for. */
export interface SessionSpec extends Handshake {
  readonly send: string | undefined;
  /** What a text message must contain; undefined: an open WebSocket is enough. */
  readonly expect: Expectation | undefined;
  /** The most that is read of all messages together; absent: 64 KiB. */
  readonly maxBytes?: number;
}

/** What a message must contain. */
interface Expectation {
  readonly matcher: Matcher;
  readonly finder: Finder;
}

/** A frame, or the loss of the connection. */
type Event = Frame | { readonly kind: 'lost'; readonly error: Error };

/** Where judging has taken longer than this when the time runs out, the result is unknown. */
const LONG_JUDGING_MS = 50;

/** Opens a WebSocket to one address, sends the message and waits for the expected one. */
export function openSession(
  origin: HttpOrigin,
  spec: SessionSpec,
  address: string,
  resolveMs: number | undefined,
  context: ProbeContext,
): Attempt<Outcome> {
  return new WebSocketSession(origin, spec, address, resolveMs, context);
}

class WebSocketSession implements Attempt<Outcome> {
  readonly reply: Promise<Reply<Outcome>>;
  readonly #settle: (reply: Reply<Outcome>) => void;
  readonly #spec: SessionSpec;
  readonly #peer: string;
  readonly #context: ProbeContext;
  readonly #key = randomBytes(16).toString('base64');
  readonly #handshake: Attempt<HttpAnswer>;
  #socket: Socket | null = null;
  #timings: ProbeTimings = {};
  #messages = 0;
  /** The events that wait to be judged, and whether judging runs. */
  #events: Event[] = [];
  #isReading = false;
  #judgingSince: number | null = null;
  #state: 'open' | 'givenUp' | 'over' = 'open';

  constructor(
    origin: HttpOrigin,
    spec: SessionSpec,
    address: string,
    resolveMs: number | undefined,
    context: ProbeContext,
  ) {
    const { reply, settle } = awaitReply<Outcome>();
    this.reply = reply;
    this.#settle = settle;
    this.#spec = spec;
    this.#peer = formatEndpoint(address, origin.port);
    this.#context = context;
    const request = handshakeRequest(spec, this.#key);
    this.#handshake = openExchange(origin, request, address, resolveMs, context);
    void this.#handshake.reply.then((answered) => this.#onHandshake(answered));
  }

  hasConnected(): boolean {
    return this.#handshake.hasConnected();
  }

  end(): void {
    if (this.#state !== 'open') return;
    this.#state = 'givenUp';
    if (this.#socket === null) this.#handshake.end();
    else this.#giveUp();
  }

  #giveUp(): void {
    const { timeoutMs, now } = this.#context;
    const expected = this.#spec.expect;
    const since = this.#judgingSince;
    if (expected !== undefined && since !== null && now() - since >= LONG_JUDGING_MS) {
      const detail = `\`expect\` was not judged in time: ${formatMatcher(expected.matcher)}`;
      return this.#over({
        kind: 'answer',
        answer: { kind: 'unknown', cause: 'expression', detail },
      });
    }
    const got = `${this.#messages} message${this.#messages === 1 ? '' : 's'}`;
    this.#fail('timeout', `${this.#missing()} within ${timeoutMs} ms (open, ${got})`);
  }

  #onHandshake(answered: Reply<HttpAnswer>): void {
    if (answered.kind === 'failure') return this.#over(answered);
    const { switched, timings } = answered.answer;
    this.#timings = timings;
    this.#socket = switched?.socket ?? null;
    const refusal = judgeHandshake(answered.answer, this.#key, this.#spec.protocol);
    if (refusal !== undefined || switched === undefined) {
      if (refusal !== undefined) this.#over({ kind: 'answer', answer: refusal });
      return;
    }
    // The time may have run out since the handshake's answer.
    if (this.#state === 'givenUp') return this.#giveUp();
    this.#onOpen(switched);
  }

  #onOpen({ socket, head }: Switched): void {
    const { send, expect, maxBytes } = this.#spec;
    // `on`, not `once`: an error after the end must find a listener.
    socket.on('error', (error) => this.#onEvents([{ kind: 'lost', error }]));
    if (send !== undefined) socket.write(encodeFrame('text', Buffer.from(send)));
    if (expect === undefined) return this.#succeed('the WebSocket opened');
    const reader = new FrameReader(maxBytes);
    socket.on('data', (chunk: Buffer) => this.#onEvents(reader.read(chunk)));
    socket.once('close', () => {
      this.#onEvents([{ kind: 'lost', error: new Error('the connection closed') }]);
    });
    if (head.length > 0) this.#onEvents(reader.read(head));
  }

  /** Judges events in the order in which they came: a server may close just after the expected message. */
  #onEvents(events: readonly Event[]): void {
    this.#events.push(...events);
    if (!this.#isReading) void this.#read();
  }

  async #read(): Promise<void> {
    this.#isReading = true;
    for (let event = this.#events.shift(); event !== undefined; event = this.#events.shift()) {
      if (this.#state !== 'open') break;
      if (event.kind === 'text') await this.#onTexts([event.text, ...this.#takeTexts()]);
      else this.#onEvent(event);
    }
    this.#isReading = false;
  }

  /** Takes the following messages, up to the next other event, so that all are judged at once. */
  #takeTexts(): readonly string[] {
    const texts: string[] = [];
    for (let [next] = this.#events; next?.kind === 'text'; [next] = this.#events) {
      texts.push(next.text);
      this.#events.shift();
    }
    return texts;
  }

  async #onTexts(texts: readonly string[]): Promise<void> {
    this.#messages += texts.length;
    const found = this.#spec.expect?.finder.find(texts, this.#context);
    this.#judgingSince = this.#context.now();
    const isFound = found instanceof Promise ? await found : found;
    this.#judgingSince = null;
    if (this.#state !== 'open') return;
    if (isFound === true) return this.#succeed('the expected message came');
    if (typeof isFound === 'object') this.#over({ kind: 'answer', answer: isFound });
  }

  #onEvent(event: Exclude<Event, { kind: 'text' }>): void {
    switch (event.kind) {
      case 'binary':
        this.#messages += 1;
        return;
      case 'ping':
        this.#socket?.write(encodeFrame('pong', event.payload));
        return;
      case 'pong':
        return;
      case 'close': {
        const reason = [event.code ?? 'without a code', event.reason].filter(Boolean).join(' ');
        return this.#fail('body', `closed (${reason}): ${this.#missing()}`);
      }
      case 'full':
        return this.#fail('body', `${this.#missing()} in the first ${this.#maxKib()} KiB`);
      case 'broken':
        return this.#fail('reset', `broken WebSocket: the server sent ${event.reason}`);
      case 'lost':
        return this.#onError(event.error);
    }
  }

  #maxKib(): number {
    return (this.#spec.maxBytes ?? MAX_RECEIVED_BYTES) / 1_024;
  }

  #missing(): string {
    const { expect } = this.#spec;
    return expect === undefined ? 'no end' : `no message with ${formatMatcher(expect.matcher)}`;
  }

  #onError(error: Error): void {
    const outcome = outcomeOfError(error, 'transfer', this.#peer, this.#timings);
    this.#over({ kind: 'failure', outcome, code: codeOf(error) });
  }

  #succeed(detail: string): void {
    const socket = this.#socket;
    this.#socket = null;
    this.#over({ kind: 'answer', answer: { kind: 'ok', detail, timings: this.#timings } });
    if (socket !== null) closeGracefully(socket);
  }

  #fail(failure: FailureClass, detail: string): void {
    const timings = this.#timings;
    this.#over({ kind: 'answer', answer: { kind: 'fail', class: failure, detail, timings } });
  }

  #over(reply: Reply<Outcome>): void {
    this.#socket?.destroy();
    if (this.#state === 'over') return;
    this.#state = 'over';
    this.#settle(reply);
  }
}
