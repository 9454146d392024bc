import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Connections } from './connections.ts';
import { EventClient } from './event-client.ts';
import { handleRequest, isEventStream, limitReading, type HandleDeps } from './handle-request.ts';
import { respond, respondWithEvents } from './respond.ts';
import { textAnswer } from './route.ts';

/** The server, and all that is connected to it. */
export interface ListenerServer {
  readonly server: Server;
  readonly connections: Connections;
}

/**
 * Makes the server, not listening yet. A hostile client costs bounded time and memory, and no error of a client
 * or a route leaves it.
 */
export function createListenerServer(deps: HandleDeps): ListenerServer {
  const { limits } = deps;
  const connections = new Connections(limits);
  const options = {
    maxHeaderSize: limits.headerBytes,
    headersTimeout: limits.headersMs,
    requestTimeout: limits.requestMs,
    keepAliveTimeout: limits.idleMs,
    connectionsCheckingInterval: Math.min(1_000, limits.headersMs),
  };
  const server = createServer(options, (request, response) => {
    void answer(request, response, deps, connections);
  });
  server.maxHeadersCount = limits.headers;
  server.on('connection', (socket) => connections.add(socket));
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    refuse(socket, error.code ?? '');
  });
  // A body that a client announces is never read.
  server.on('checkContinue', (request, response) => {
    void answer(request, response, deps, connections);
  });
  return { server, connections };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  deps: HandleDeps,
  connections: Connections,
): Promise<void> {
  const { socket } = request;
  response.on('error', () => undefined);
  if (!connections.begin(socket)) return;
  response.once('close', () => connections.end(socket));
  // One request a turn, so that many at once do not hold up the watch.
  await nextTurn();
  const found = await handleRequest(request, deps);
  if (response.destroyed) return;
  if (!isEventStream(found)) {
    respond(request, response, found);
    return limitReading(response, deps.limits.readMs);
  }
  if (request.method === 'HEAD') return respond(request, response, textAnswer(200, 'Events.'));
  connections.toStream(socket);
  socket.setTimeout(0);
  respondWithEvents(response);
  found.open(new EventClient(response));
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** The answers to broken requests, by the code of Node's parser. */
const CLIENT_ERRORS: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
};

function refuse(socket: Socket, code: string): void {
  // An answer is on its way: a text of ours would get into it.
  if (!socket.writable || socket.bytesWritten > 0) return void socket.destroy();
  const status = CLIENT_ERRORS[code] ?? '400 Bad Request';
  socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`, () => {
    socket.destroy();
  });
}
