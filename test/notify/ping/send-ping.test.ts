import assert from 'node:assert/strict';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, test } from 'node:test';
import { sendPing } from '../../../src/notify/ping/send-ping.ts';

let server: Server | null = null;

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

async function serve(listener: RequestListener): Promise<string> {
  const made = createServer(listener);
  server = made;
  await new Promise<void>((resolve) => made.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(made.address() as AddressInfo).port}/ping`;
}

test('a success is a status of 200 to 299, with a body as POST', async () => {
  const got: string[] = [];
  const url = await serve((request, response) => {
    request.on('data', (part) => got.push(`${request.method} ${String(part)}`));
    request.on('end', () => response.end('OK'));
    if (request.method === 'GET') got.push('GET');
  });
  assert.equal(await sendPing(url, null), null);
  assert.equal(await sendPing(url, 'why'), null);
  assert.deepEqual(got, ['GET', 'POST why']);
});

test('an error, a redirect and a refused connection are reasons without the URL', async () => {
  const url = await serve((request, response) => {
    const isMoved = request.url === '/ping/moved';
    response.writeHead(isMoved ? 302 : 503, { location: url }).end();
  });
  assert.equal(await sendPing(url, null), 'answered 503');
  assert.equal(await sendPing(`${url}/moved`, null), 'answered 302');
  server?.close();
  server?.closeAllConnections();
  assert.equal(await sendPing(url, null), 'ECONNREFUSED');
});

test('an answer without an end is not waited for', async () => {
  const url = await serve((_request, response) => {
    response.writeHead(200);
    response.write('x');
  });
  assert.equal(await sendPing(url, null), null);
});
