import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createServer as createPlain, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Proposal } from '../../../src/cli/proposal/proposal.ts';
import { httpServer } from '../../probe/support/servers.ts';
import { at, propose, type AppAt } from './app-at.ts';

describe('the block for an app that listens on a Unix socket', () => {
  let dir: string;
  const servers: Server[] = [];

  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'pl-sock-'));
  });

  after(async () => {
    for (const server of servers) server.close();
    await rm(dir, { recursive: true, force: true });
  });

  /** Listens on a socket in the folder, and gives its path. */
  async function open(name: string, server: Server): Promise<string> {
    const path = join(dir, name);
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(path, resolve));
    return path;
  }

  /** The proposal for an app whose processes listen at these paths. */
  function proposed(paths: readonly string[], app: AppAt = {}): Promise<Proposal> {
    const unix = {
      listenersAt: async () => [],
      idsAt: async () => [],
      pathsOf: async () => paths,
    };
    return propose({ ...app, reader: { unix } });
  }

  test('asks it over HTTP, with any status as alive', async () => {
    const path = await open(
      'api.sock',
      createServer((_, answer) => answer.writeHead(404).end()),
    );
    const { block, found, warning } = await proposed([path]);
    const http = { socket: path, url: 'http://localhost/', status: '100-599' };
    assert.deepEqual(block, { http });
    assert.equal(found, `web listens on the socket ${path} and answered HTTP with 404`);
    assert.equal(warning, null);
  });

  test('is tcp where it refuses HTTP, and says what that cannot see', async () => {
    const path = await open(
      'db.sock',
      createPlain((socket) => socket.end('-ERR\r\n')),
    );
    const { block, warning } = await proposed([path]);
    assert.deepEqual(block, { tcp: path });
    assert.match(warning ?? '', /a hung app still passes/);
  });

  test('is none where it is silent', async () => {
    const path = await open('mute.sock', createPlain());
    const { block, found } = await proposed([path]);
    assert.equal(block, null);
    assert.match(found, /web accepts connections on the socket .*mute\.sock, but gave no answer/);
  });

  test('is that of a port where there is one that answers', async (t) => {
    const path = await open(
      'two.sock',
      createServer((_, answer) => answer.end('x')),
    );
    const { port } = await httpServer(t, (_, answer) => answer.end('x'));
    const { block, found } = await proposed([path], { listeners: { 100: [at(port)] } });
    assert.deepEqual(block, { http: { url: `http://localhost:${port}/`, status: '100-599' } });
    assert.match(found, new RegExp(`; it listens on ${path} too$`));
  });

  test('is none for a socket of a tool, which has the pid in its name', async () => {
    const path = await open(
      '100.pipe',
      createServer((_, answer) => answer.end('x')),
    );
    const { block, found } = await proposed([path]);
    assert.equal(block, null);
    assert.match(found, /^web listens nowhere/);
  });

  test('warns of a name that may change', async () => {
    const path = await open(
      'w-3fa8c09b71.sock',
      createServer((_, answer) => answer.end('x')),
    );
    const { warning } = await proposed([path]);
    assert.match(warning ?? '', /looks like one that changes/);
  });
});
