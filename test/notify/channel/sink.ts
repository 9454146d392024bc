import {
  createServer,
  type IncomingHttpHeaders,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseChannels } from '../../../src/notify/channel/parse-channels.ts';
import type { Channel } from '../../../src/notify/channel/channel.ts';
import assert from 'node:assert/strict';

/** A request that a sink received. */
export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Answers a request; what it throws is answered with 400. */
export type Answer = (request: Received, response: ServerResponse) => void;

/** A web service on loopback that keeps what it receives. */
export class Sink {
  readonly requests: Received[] = [];
  readonly #server: Server;
  answer: Answer;

  private constructor(server: Server, answer: Answer) {
    this.#server = server;
    this.answer = answer;
  }

  static async start(answer: Answer = (_, response) => response.end('ok')): Promise<Sink> {
    const server = createServer();
    const sink = new Sink(server, answer);
    server.on('request', (request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        const { method = '', url = '', headers } = request;
        const body = Buffer.concat(parts).toString('utf8');
        const received = { method, path: url, headers, body };
        sink.requests.push(received);
        try {
          sink.answer(received, response);
        } catch (error) {
          response.statusCode = 400;
          response.end(String(error));
        }
      });
    });
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    return sink;
  }

  get port(): number {
    // as: a listening TCP server has an address and a port
    return (this.#server.address() as AddressInfo).port;
  }

  get origin(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get last(): Received {
    const last = this.requests.at(-1);
    assert.ok(last, 'the sink has received nothing');
    return last;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => void this.#server.close(resolve));
  }
}

/** The one channel of a line, which must have no problem. */
export function channelOf(line: string): Channel {
  const { channels, problems } = parseChannels(line, 'LIVENESS_NOTIFY');
  assert.deepEqual(problems, []);
  const [channel] = channels;
  assert.ok(channel);
  return channel;
}

/** A signal that never aborts. */
export const NEVER = new AbortController().signal;
