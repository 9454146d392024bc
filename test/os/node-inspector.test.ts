import assert from 'node:assert/strict';
import { once } from 'node:events';
import {
  open as openInspector,
  close as closeInspector,
  url as urlOfInspector,
} from 'node:inspector';
import { createServer, type Server } from 'node:net';
import { after, describe, test } from 'node:test';
import { isNodeInspector } from '../../src/os/node-inspector.ts';

describe('what listens on a port', () => {
  const servers: Server[] = [];
  after(() => {
    for (const server of servers) server.close();
  });

  /** A server that sends this to each client, and closes unless it should hang. */
  async function saying(text: string | null, hangsOn = false): Promise<number> {
    const server = createServer((socket) => {
      socket.on('error', () => undefined).unref();
      if (text !== null) socket.write(text);
      if (text !== null && !hangsOn) socket.end();
    });
    servers.push(server.unref());
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    assert.ok(address !== null && typeof address === 'object');
    return address.port;
  }

  test('is a real inspector', async () => {
    openInspector(0, '127.0.0.1');
    const { port } = new URL(urlOfInspector() ?? '');
    assert.equal(await isNodeInspector('127.0.0.1', Number(port)), true);
    closeInspector();
    assert.equal(await isNodeInspector('127.0.0.1', Number(port)), false);
  });

  const OK = 'HTTP/1.0 200 OK\r\n\r\n';
  for (const [what, text, hangsOn] of [
    ['a Chrome', `${OK}{"Browser":"Chrome/120"}`, false],
    ['an app that answers everything', `${OK}<html>node.js/v20</html>`, false],
    ['one that answers null', `${OK}null`, false],
    ['one whose browser is no text', `${OK}{"Browser":{}}`, false],
    ['one that says 404', 'HTTP/1.0 404 Not Found\r\n\r\n{"Browser":"node.js/v20"}', false],
    ['one that answers without end', OK + '{"Browser":"node.js/v20"}'.padEnd(100_000), true],
    ['one that stops in the middle', `${OK}{"Browser"`, true],
    ['one that speaks no HTTP', '-ERR unknown command\r\n', false],
    ['one that says nothing', null, true],
  ] as const) {
    test(`is ${what}: no inspector`, async () => {
      const beganAt = performance.now();
      assert.equal(await isNodeInspector('127.0.0.1', await saying(text, hangsOn)), false);
      assert.ok(performance.now() - beganAt < 20_000);
    });
  }
});
