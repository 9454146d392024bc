import { createServer as createHttpServer } from 'node:http';
import type { RequestListener } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import type { TestContext } from 'node:test';

/** A server on port 0 that ends, connections included, with the test. */
export interface TestServer {
  readonly port: number;
  readonly sockets: ReadonlySet<Socket>;
  close(): Promise<void>;
}

/** Listens on `host` and port 0 (or `port`, where two families must share one). */
export async function listen(
  t: TestContext,
  server: Server,
  host = '127.0.0.1',
  port = 0,
): Promise<TestServer> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host, ipv6Only: host === '::1' }, resolve);
  });
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      for (const socket of sockets) socket.destroy();
      server.close(() => resolve());
    });
  t.after(close);
  return { port: (server.address() as AddressInfo).port, sockets, close };
}

/** A server that does with each connection what the test says. */
export function rawServer(
  t: TestContext,
  onSocket: (socket: Socket) => void,
  host?: string,
  port?: number,
): Promise<TestServer> {
  return listen(t, createTcpServer({ allowHalfOpen: true }, onSocket), host, port);
}

/** A server that writes these bytes as soon as a request has come, then does what the test says. */
export function scripted(
  t: TestContext,
  bytes: string | Buffer,
  then: 'wait' | 'end' | 'destroy' | 'reset' = 'wait',
): Promise<TestServer> {
  return rawServer(t, (socket) => {
    socket.once('data', () => {
      socket.write(bytes, () => {
        if (then === 'end') socket.end();
        if (then === 'destroy') socket.destroy();
        if (then === 'reset') socket.resetAndDestroy();
      });
    });
  });
}

/** A decent HTTP server. */
export function httpServer(
  t: TestContext,
  handler: RequestListener,
  host?: string,
  port?: number,
): Promise<TestServer> {
  return listen(t, createHttpServer(handler), host, port);
}

/** A port on which nothing listens, on either family. */
export async function freePort(t: TestContext): Promise<number> {
  const server = await rawServer(t, () => undefined);
  await server.close();
  return server.port;
}

/** Listens on one port of both loopback families; tries again when the second one is taken. */
export async function bothFamilies(
  start: (host: string, port: number) => Promise<TestServer>,
  startOther: (host: string, port: number) => Promise<TestServer>,
): Promise<number> {
  for (let tries = 0; tries < 20; tries += 1) {
    const first = await start('127.0.0.1', 0);
    try {
      await startOther('::1', first.port);
      return first.port;
    } catch {
      await first.close();
    }
  }
  throw new Error('no port is free on both families');
}
