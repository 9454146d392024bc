import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import { after, describe, test } from 'node:test';
import { dependsOnSchema } from '../../../src/config/schema/depends-on.ts';
import { UrlWatch } from '../../../src/monitor/dependency/url-watch.ts';
import { Gate } from '../../../src/monitor/gate.ts';
import { systemClock } from '../../../src/time/clock.ts';
import { until } from '../../support/until.ts';

/** Answers everything with this status, a handshake too. */
async function answering(status: number): Promise<{ server: Server; port: number }> {
  const server = createServer((_request, response) => response.writeHead(status).end());
  server.on('upgrade', (_request, socket) => {
    socket.end(`HTTP/1.1 ${status} Answer\r\nContent-Length: 0\r\n\r\n`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  return { server, port: address.port };
}

describe('a URL that apps depend on', () => {
  const ends: (() => unknown)[] = [];
  after(() => Promise.all(ends.map((end) => end())));

  /** What its first answer says. */
  async function stateOf(url: string): Promise<string> {
    const [depended] = dependsOnSchema.parse([url]);
    assert.ok(depended !== undefined && 'probe' in depended);
    const urls = new UrlWatch({
      clock: systemClock,
      gate: new Gate(
        () => systemClock.now(),
        () => undefined,
      ),
      random: () => 0.5,
      onChange: () => undefined,
    });
    ends.push(() => urls.stop());
    urls.follow([depended]);
    const { state } = await until('the first answer', () => {
      const seen = urls.stateOf(depended.key);
      return Number.isFinite(seen.askedAt) && seen;
    });
    return state;
  }

  for (const [status, wanted] of [
    [200, 'up'],
    [302, 'up'],
    [401, 'up'],
    [404, 'up'],
    [500, 'down'],
    [503, 'down'],
  ] as const) {
    for (const scheme of ['http', 'ws']) {
      test(`is ${wanted} where ${scheme} is answered with ${status}`, async () => {
        const { server, port } = await answering(status);
        ends.push(() => server.close());
        assert.equal(await stateOf(`${scheme}://127.0.0.1:${port}/live`), wanted);
      });
    }
  }

  test('is down where nothing listens', async () => {
    const { server, port } = await answering(200);
    await new Promise((resolve) => server.close(resolve));
    assert.equal(await stateOf(`ws://127.0.0.1:${port}/live`), 'down');
  });
});
