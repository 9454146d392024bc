import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { httpBehindTcp } from '../../../src/cli/doctor/http-behind-tcp.ts';
import { readBlock, type TargetConfig } from '../../../src/config/target-config.ts';

function configOf(tcp: string): TargetConfig {
  const read = readBlock({ tcp }, {});
  assert.ok(read.ok);
  return read.config;
}

test('a tcp probe whose port answers HTTP could ask a URL, and one of a socket has none', async (t) => {
  const dir = await mkdtemp(join(tmpdir(), 'pl-t-'));
  const socket = join(dir, 'a.sock');
  const atPort = createServer((_request, answer) => answer.end('well'));
  const atSocket = createServer((_request, answer) => answer.end('well'));
  t.after(async () => {
    for (const server of [atPort, atSocket]) server.close();
    await rm(dir, { recursive: true, force: true });
  });
  await once(atPort.listen(0, '127.0.0.1'), 'listening');
  await once(atSocket.listen(socket), 'listening');
  const { port } = atPort.address() as AddressInfo;
  const at = `127.0.0.1:${port}`;
  assert.equal(await httpBehindTcp(configOf(at)), `http://${at}/`);
  assert.equal(await httpBehindTcp(configOf(socket)), null);
});
