/** Limits for clients of the listener, in milliseconds, bytes and counts. */
export interface ListenerLimits {
  readonly headersMs: number;
  readonly requestMs: number;
  /** How long a route may take. */
  readonly answerMs: number;
  /** How long a client may take to read an answer. */
  readonly readMs: number;
  /** How long a connection may wait for its next request. */
  readonly idleMs: number;
  /** Connections, without those of event streams. */
  readonly connections: number;
  readonly streams: number;
  /** Requests that one connection sends before it has the answers. */
  readonly pipelined: number;
  readonly headerBytes: number;
  readonly headers: number;
  /** Path and query. */
  readonly urlBytes: number;
}

/** The usual limits; tests use others. */
export const LISTENER_LIMITS: ListenerLimits = {
  headersMs: 5_000,
  requestMs: 10_000,
  answerMs: 5_000,
  readMs: 10_000,
  idleMs: 20_000,
  connections: 64,
  streams: 32,
  pipelined: 8,
  headerBytes: 8_192,
  headers: 64,
  urlBytes: 2_048,
};
