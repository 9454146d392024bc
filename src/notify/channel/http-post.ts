import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { codeOf, messageOf } from '../../errors.ts';
import { noAnswerText } from '../../text/no-answer-text.ts';
import type { LightAbortSignal } from '../../time/light-abort.ts';
import { SEND_MS } from './channel.ts';

/** One message for a web service. The URL has no login in it. */
export interface HttpMessage {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What came back. The texts are the sink's: not safe to show, and they may repeat our secrets. */
export type HttpAnswer =
  | {
      readonly kind: 'answered';
      readonly status: number;
      readonly retryAfter: string | undefined;
      readonly body: string;
    }
  | { readonly kind: 'silent'; readonly reason: string };

/** How much of an answer is read: every error of the services known fits. */
const MAX_ANSWER_BYTES = 16 * 1024;
const MAX_HEADER_BYTES = 16 * 1024;

/**
 * Posts once over a connection of its own. Follows no redirect: a message must not go where the setting does not
 * say. Never rejects, and ends within `timeoutMs`, also where the sink sends one byte a second.
 */
export function httpPost(
  { url, headers, body }: HttpMessage,
  signal: LightAbortSignal,
  timeoutMs = SEND_MS,
): Promise<HttpAnswer> {
  return new Promise((resolve) => {
    let received: Received | null = null;
    const finish = (reason: string): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      resolve(received === null ? { kind: 'silent', reason } : received.answer());
      request?.destroy();
    };
    const onAbort = (): void => finish('the monitor stops');
    const timer = setTimeout(() => finish(`no answer within ${timeoutMs / 1000} s`), timeoutMs);
    const request = start(url, headers, body, finish);
    request?.on('error', (error) => finish(noAnswerText(codeOf(error), messageOf(error))));
    request?.on('close', () => finish('the connection was closed without an answer'));
    request?.on('response', (response) => {
      received = new Received(response);
      response.on('data', (part: Buffer) => {
        if (received?.add(part) === true) finish('');
      });
      response.on('end', () => finish(''));
      response.on('error', () => finish(''));
    });
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    request?.end(body);
  });
}

/** Null where Node refuses the request; the reason is then given in the next turn. */
function start(
  url: URL,
  headers: Readonly<Record<string, string>>,
  body: string,
  fail: (reason: string) => void,
): ReturnType<typeof httpRequest> | null {
  const request = url.protocol === 'https:' ? httpsRequest : httpRequest;
  try {
    return request(url, {
      method: 'POST',
      // No connection is kept: messages are rare, and an idle one costs memory and can be stale.
      agent: false,
      maxHeaderSize: MAX_HEADER_BYTES,
      headers: {
        'user-agent': 'pm2-liveness',
        'content-type': 'application/json',
        ...headers,
        'content-length': Buffer.byteLength(body),
      },
    });
  } catch (error) {
    setImmediate(() => fail(noAnswerText(codeOf(error), messageOf(error))));
    return null;
  }
}

/** An answer as far as it has come. */
class Received {
  readonly #response: IncomingMessage;
  readonly #parts: Buffer[] = [];
  #bytes = 0;

  constructor(response: IncomingMessage) {
    this.#response = response;
  }

  /** True when enough of the body has come. */
  add(part: Buffer): boolean {
    this.#parts.push(part);
    this.#bytes += part.length;
    return this.#bytes >= MAX_ANSWER_BYTES;
  }

  answer(): HttpAnswer {
    const { statusCode: status = 0, headers } = this.#response;
    const body = Buffer.concat(this.#parts).subarray(0, MAX_ANSWER_BYTES).toString('utf8');
    return { kind: 'answered', status, retryAfter: headers['retry-after'], body };
  }
}
