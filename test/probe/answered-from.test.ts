import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import type { ProbeOptions, Sample } from '../../src/probe/probe.ts';
import { createProbe } from '../../src/probe/registry.ts';
import { runProbe } from '../../src/probe/runner.ts';

/** Two servers at one port of localhost: the one of IPv4 is hung or answers, that of IPv6 answers. */
describe('the address that answered is in the sample', () => {
  const servers: Server[] = [];
  let port = 0;

  before(async () => {
    const listen = async (host: string, at: number): Promise<number> => {
      const server = createServer((_request, response) => response.writeHead(204).end());
      servers.push(server);
      await new Promise<void>((resolve) => {
        server.listen(at, host, resolve);
      });
      return (server.address() as AddressInfo).port; // as: it listens on a port
    };
    port = await listen('::1', 0);
    await listen('127.0.0.1', port).catch(() => undefined);
  });

  after(() => {
    for (const server of servers) server.close();
  });

  const ask = async (options: ProbeOptions): Promise<Sample> => {
    const probe = createProbe(options);
    const sample = await runProbe(probe, { now: () => performance.now(), timeoutMs: 2_000 });
    probe.stop();
    return sample;
  };

  const url = (): string => `http://localhost:${port}/`;
  const kinds: readonly [string, () => ProbeOptions][] = [
    ['tcp', () => ({ type: 'tcp', host: 'localhost', port })],
    [
      'http',
      () => ({ type: 'http', url: url(), method: 'GET', headers: {}, status: [[200, 299]] }),
    ],
    ['vite', () => ({ type: 'vite', url: url(), deepPeriodMs: 60_000, deepTimeoutMs: 1_000 })],
    ['websocket', () => ({ type: 'websocket', url: `ws://localhost:${port}/`, headers: {} })],
  ];
  for (const [kind, options] of kinds) {
    test(kind, async () => {
      const first = await ask(options());
      assert.equal(first.from, '127.0.0.1', 'a bad answer is one as well');
      const only = { ...options(), addresses: ['::1'] } as ProbeOptions; // as: all four ask addresses
      assert.equal((await ask(only)).from, '::1');
    });
  }

  test('and none where nobody answered', async () => {
    const sample = await ask({ type: 'tcp', host: '127.0.0.1', port: 1 });
    assert.deepEqual([sample.kind, sample.from], ['fail', undefined]);
  });
});
