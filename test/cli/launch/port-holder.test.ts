import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { holderSentence } from '../../../src/cli/launch/port-holder.ts';
import { createOsReader } from '../../../src/os/create-reader.ts';
import { freePort } from '../../support/pm2-sandbox.ts';

const reader = createOsReader();

describe('who holds the port of an app', () => {
  let server: Server;
  let port: number;

  before(async () => {
    server = createServer();
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const address = server.address();
    port = typeof address === 'object' && address !== null ? address.port : 0;
  });

  after(() => server.close());

  function sentence(pid: number, daemonPid = 0, at = port): Promise<string | null> {
    const probe = {
      type: 'http' as const,
      target: `http://127.0.0.1:${at}/`,
      periodMs: 1,
      timeoutMs: 1,
    };
    return holderSentence({ pid, probe }, daemonPid, reader);
  }

  test('is the app itself', async () => {
    const wanted = `${port}: held by the app’s own process ${process.pid}`;
    assert.equal(await sentence(process.pid), wanted);
  });

  test("is PM2's daemon, for an app in cluster mode", async () => {
    const wanted = `${port}: held by PM2’s daemon, process ${process.pid}, for the app in cluster mode`;
    assert.equal(await sentence(0, process.pid), wanted);
  });

  test('is a stranger, with its command', async () => {
    const text = (await sentence(0)) ?? '';
    assert.ok(text.startsWith(`${port}: held by process ${process.pid} (`), text);
    assert.match(text, /node.*\), which is not of the app’s tree$/);
  });

  test('is nobody, or not known where there is no port', async () => {
    const free = await freePort();
    assert.equal(await sentence(process.pid, 0, free), `${free}: nobody listens`);
    const probe = { type: 'exec' as const, target: 'node check.js', periodMs: 1, timeoutMs: 1 };
    assert.equal(await holderSentence({ pid: 1, probe }, 0, reader), null);
  });
});
