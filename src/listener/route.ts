import type { EventClient } from './event-client.ts';

/** A request that was let in: GET or HEAD, its host and token checked. */
export interface ListenerRequest {
  /** As it was sent, without the query: `/app/a%2Fb`. */
  readonly path: string;
  /** The part in the place of the `*` of the route, decoded: `a/b`; empty for a route without one. */
  readonly name: string;
  readonly query: URLSearchParams;
  /** The header `accept`; empty for none. */
  readonly accept: string;
  /** The header `accept-encoding`; empty for none. */
  readonly acceptEncoding: string;
  /** True where a token is set: who asks has it. */
  readonly isGuarded: boolean;
}

/** A whole answer. */
export interface Answer {
  readonly status: number;
  /** The content type. */
  readonly type: string;
  readonly body: string | Buffer;
  /** More headers, or others in the place of the usual ones; names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
  /** A mark of the content, see `etagOf`: who has it gets 304. Without one nothing is kept by the client. */
  readonly etag?: string;
}

/** An answer that goes on as server-sent events. */
export interface EventStream {
  /** Called once, when the head is sent. */
  readonly open: (client: EventClient) => void;
}

/** Answers a request from what is known now. What it throws becomes 500 without a word of it. */
export type ListenerRoute = (
  request: ListenerRequest,
) => Answer | EventStream | Promise<Answer | EventStream>;

/** Routes by path: `/health`, or `/health/*` for one more part, which is the `name` of the request. */
export type ListenerRoutes = ReadonlyMap<string, ListenerRoute>;

/** A short text as an answer. */
export function textAnswer(status: number, text: string): Answer {
  return { status, type: 'text/plain; charset=utf-8', body: `${text}\n` };
}
