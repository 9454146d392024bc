import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { codeOf } from '../errors.ts';
import { awaitReply } from './attempt.ts';
import type { Attempt, Reply } from './attempt.ts';
import { formatMatcher, isFoundIn } from './body-match.ts';
import type { Matcher } from './body-match.ts';
import { outcomeOfError } from './connect-error.ts';
import { formatEndpoint } from './endpoint.ts';
import { openExchange } from './http-exchange.ts';
import type { HttpAnswer, Switched } from './http-exchange.ts';
import type { HttpOrigin } from './http-request.ts';
import type { FailureClass, Outcome, Phases, ProbeContext } from './probe.ts';
import { encodeFrame, FrameReader } from './websocket-frames.ts';
import type { Frame } from './websocket-frames.ts';
import { handshakeRequest, judgeHandshake } from './websocket-handshake.ts';
import type { Handshake } from './websocket-handshake.ts';
import { bidFarewell } from './websocket-farewell.ts';

/** What is asked over a WebSocket. */
export interface Talk extends Handshake {
  readonly send: string | undefined;
  /** Looked for in each text message; undefined: an open WebSocket is answer enough. */
  readonly expect: Matcher | undefined;
}

/** Opens a WebSocket to one address, says what is to be said and waits for what is expected. */
export function openTalk(
  origin: HttpOrigin,
  talk: Talk,
  address: string,
  resolveMs: number | undefined,
  context: ProbeContext,
): Attempt<Outcome> {
  return new WebSocketTalk(origin, talk, address, resolveMs, context);
}

class WebSocketTalk implements Attempt<Outcome> {
  readonly reply: Promise<Reply<Outcome>>;
  readonly #settle: (reply: Reply<Outcome>) => void;
  readonly #talk: Talk;
  readonly #place: string;
  readonly #timeoutMs: number;
  readonly #key = randomBytes(16).toString('base64');
  readonly #handshake: Attempt<HttpAnswer>;
  #socket: Socket | null = null;
  #reader: FrameReader | null = null;
  #phases: Phases = {};
  #messages = 0;
  #state: 'open' | 'givenUp' | 'over' = 'open';

  constructor(
    origin: HttpOrigin,
    talk: Talk,
    address: string,
    resolveMs: number | undefined,
    context: ProbeContext,
  ) {
    const { reply, settle } = awaitReply<Outcome>();
    this.reply = reply;
    this.#settle = settle;
    this.#talk = talk;
    this.#place = formatEndpoint(address, origin.port);
    this.#timeoutMs = context.timeoutMs;
    const request = handshakeRequest(talk, this.#key);
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
    const got = `${this.#messages} message${this.#messages === 1 ? '' : 's'}`;
    this.#fail('timeout', `${this.#missing()} within ${this.#timeoutMs} ms (open, ${got})`);
  }

  #onHandshake(answered: Reply<HttpAnswer>): void {
    if (answered.kind === 'failure') return this.#over(answered);
    const { switched, phases } = answered.answer;
    this.#phases = phases;
    this.#socket = switched?.socket ?? null;
    const refusal = judgeHandshake(answered.answer, this.#key, this.#talk.protocol);
    if (refusal !== undefined || switched === undefined) {
      if (refusal !== undefined) this.#over({ kind: 'answer', answer: refusal });
      return;
    }
    // The time may have run out between the handshake's answer and this turn.
    if (this.#state === 'givenUp') return this.#giveUp();
    this.#onOpen(switched);
  }

  #onOpen({ socket, head }: Switched): void {
    const { send, expect } = this.#talk;
    // `on`, not `once`: an error after the end must find a listener.
    socket.on('error', (error) => this.#onError(error));
    if (send !== undefined) socket.write(encodeFrame('text', Buffer.from(send)));
    if (expect === undefined) return this.#succeed('the WebSocket opened');
    this.#reader = new FrameReader();
    socket.on('data', (chunk: Buffer) => this.#onBytes(chunk, expect));
    socket.once('close', () => this.#onError(new Error('the connection closed')));
    if (head.length > 0) this.#onBytes(head, expect);
  }

  #onBytes(chunk: Buffer, expect: Matcher): void {
    if (this.#state === 'over') return;
    for (const frame of this.#reader?.read(chunk) ?? []) {
      this.#onFrame(frame, expect);
      if (this.#state !== 'open') return;
    }
  }

  #onFrame(frame: Frame, expect: Matcher): void {
    switch (frame.kind) {
      case 'text':
        this.#messages += 1;
        if (isFoundIn(frame.text, expect)) this.#succeed('the expected message came');
        return;
      case 'binary':
        this.#messages += 1;
        return;
      case 'ping':
        this.#socket?.write(encodeFrame('pong', frame.payload));
        return;
      case 'pong':
        return;
      case 'close': {
        const why = [frame.code ?? 'without a code', frame.reason].filter(Boolean).join(' ');
        return this.#fail('body', `closed (${why}): ${this.#missing()}`);
      }
      case 'full':
        return this.#fail('body', `${this.#missing()} in the first 64 KiB`);
      case 'broken':
        return this.#fail('reset', `broken WebSocket: the server sent ${frame.why}`);
    }
  }

  #missing(): string {
    const { expect } = this.#talk;
    return expect === undefined ? 'no end' : `no message with ${formatMatcher(expect)}`;
  }

  #onError(error: Error): void {
    const outcome = outcomeOfError(error, 'transfer', this.#place, this.#phases);
    this.#over({ kind: 'failure', outcome, code: codeOf(error) });
  }

  #succeed(detail: string): void {
    const socket = this.#socket;
    this.#socket = null;
    this.#over({ kind: 'answer', answer: { kind: 'ok', detail, phases: this.#phases } });
    if (socket !== null) bidFarewell(socket);
  }

  #fail(failure: FailureClass, detail: string): void {
    const phases = this.#phases;
    this.#over({ kind: 'answer', answer: { kind: 'fail', class: failure, detail, phases } });
  }

  #over(reply: Reply<Outcome>): void {
    this.#socket?.destroy();
    if (this.#state === 'over') return;
    this.#state = 'over';
    this.#settle(reply);
  }
}
