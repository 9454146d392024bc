import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { LivenessError, messageOf } from '../errors.ts';
import { withDeadline } from '../time/deadline.ts';
import { readJson } from './request-body.ts';

/** A request to a route. */
export interface RouteRequest {
  readonly query: URLSearchParams;
  /** The JSON of a POST; undefined where it has none. */
  readonly body: unknown;
}

/** Returns plain data for JSON. A thrown ERR_USAGE becomes status 400. */
export type Route = (asked: RouteRequest) => unknown;

/** Routes by method and path: `GET /status`. */
export type Routes = ReadonlyMap<string, Route>;

/** Limits for clients, in milliseconds and counts. */
interface ServerLimits {
  readonly headersMs: number;
  readonly requestMs: number;
  /** How long a route may take. */
  readonly answerMs: number;
  /** How long a connection may last at most. */
  readonly connectionMs: number;
  readonly connections: number;
  readonly bodyBytes: number;
}

/** The usual limits; tests use others. */
export const SERVER_LIMITS: ServerLimits = {
  headersMs: 2_000,
  requestMs: 5_000,
  answerMs: 60_000,
  connectionMs: 70_000,
  connections: 64,
  bodyBytes: 16_384,
};

const HEADER_BYTES = 8_192;

/** The answers to broken requests, by the code of Node's parser. */
const CLIENT_ERRORS: Readonly<Record<string, [status: string, error: string]>> = {
  HPE_HEADER_OVERFLOW: ['431 Request Header Fields Too Large', 'the headers are too long'],
  ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'the request did not come in time'],
};

/**
 * Makes the server of the control socket, not listening yet: JSON over HTTP, one request per connection. A
 * hostile client costs bounded time and memory, and no error of a client or a route leaves the server.
 */
export function createControlServer(routes: Routes, limits = SERVER_LIMITS): Server {
  const options = {
    maxHeaderSize: HEADER_BYTES,
    headersTimeout: limits.headersMs,
    requestTimeout: limits.requestMs,
    connectionsCheckingInterval: Math.min(500, limits.headersMs),
  };
  const server = createServer(options, (request, response) => {
    void answer(routes, request, response, limits);
  });
  server.maxConnections = limits.connections;
  server.maxRequestsPerSocket = 1;
  server.on('connection', (socket) => limitLife(socket, limits.connectionMs));
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    refuse(socket, error.code ?? '');
  });
  return server;
}

function limitLife(socket: Socket, ms: number): void {
  const timer = setTimeout(() => socket.destroy(), ms).unref();
  socket.once('close', () => clearTimeout(timer));
}

function refuse(socket: Socket, code: string): void {
  if (!socket.writable) return void socket.destroy();
  const [status, error] = CLIENT_ERRORS[code] ?? ['400 Bad Request', 'this is not an HTTP request'];
  const body = JSON.stringify({ error });
  const head = `HTTP/1.1 ${status}\r\ncontent-type: application/json\r\nconnection: close\r\n`;
  socket.end(`${head}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`, () => {
    socket.destroy();
  });
}

async function answer(
  routes: Routes,
  request: IncomingMessage,
  response: ServerResponse,
  limits: ServerLimits,
): Promise<void> {
  response.on('error', () => undefined);
  const method = request.method ?? '';
  const [path = '', query = ''] = (request.url ?? '').split('?', 2);
  const route = routes.get(`${method} ${path}`);
  if (!route) {
    const allowed = methodsOf(routes, path);
    if (allowed.length > 0) response.setHeader('allow', allowed.join(', '));
    const error = allowed.length > 0 ? `${path} takes ${allowed.join(', ')}` : `no such path`;
    return send(response, allowed.length > 0 ? 405 : 404, { error });
  }
  try {
    const body = method === 'POST' ? await readJson(request, limits.bodyBytes) : undefined;
    const answered = route({ query: new URLSearchParams(query), body });
    const late = (): Error => new Error(`no answer within ${limits.answerMs} ms`);
    send(response, 200, await withDeadline(Promise.resolve(answered), limits.answerMs, late));
  } catch (error) {
    const isTheirs = error instanceof LivenessError && error.code === 'ERR_USAGE';
    send(response, isTheirs ? 400 : 500, { error: messageOf(error) });
  }
}

function methodsOf(routes: Routes, path: string): string[] {
  return [...routes.keys()].flatMap((key) => {
    const [method = '', known] = key.split(' ', 2);
    return known === path ? [method] : [];
  });
}

/** Writes the answer. A value that is no JSON (a cycle, a BigInt) is our own error. */
function send(response: ServerResponse, status: number, value: unknown): void {
  if (response.headersSent || response.destroyed) return;
  let text: string;
  try {
    text = JSON.stringify(value ?? null) ?? 'null';
  } catch (error) {
    return send(response, 500, { error: `the answer is not valid JSON: ${messageOf(error)}` });
  }
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    connection: 'close',
  });
  response.end(text);
}
