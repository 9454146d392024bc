import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';

const CLIENT = fileURLToPath(new URL('../../src/pm2/client.ts', import.meta.url));

/** Closes its connection on a machine so busy that the sockets close after PM2's 200 ms. */
const PROGRAM = `
import { createConnection } from 'node:net';
import { Pm2Connection } from ${JSON.stringify(CLIENT)};
const pm2 = new Pm2Connection(process.env.PM2_HOME);
await pm2.connect();
const other = createConnection(process.env.PM2_HOME + '/rpc.sock', () => other.destroy());
await new Promise((resolve) => {
  // Where handles close, and only there, libuv leaves those that are closed now to its next round, after the timers.
  other.once('close', () => {
    pm2.close().then(resolve);
    const end = Date.now() + 300;
    while (Date.now() < end);
  });
});
await new Promise((resolve) => setTimeout(resolve, 300));
console.log('closed');
process.exit();
`;

let home: string;
const servers: Server[] = [];

before(async () => {
  home = mkdtempSync(join(tmpdir(), 'pl-close-'));
  for (const name of ['rpc.sock', 'pub.sock']) {
    const server = createServer((socket) => socket.on('error', () => undefined));
    servers.push(server);
    server.listen(join(home, name));
    await once(server, 'listening');
  }
});

after(() => {
  for (const server of servers) server.close();
  rmSync(home, { recursive: true, force: true });
});

test('a connection that takes long to close throws nothing afterwards', async () => {
  const { all, exitCode } = await execa(
    process.execPath,
    ['--import', 'tsx', '--input-type=module', '-e', PROGRAM],
    { env: { PM2_HOME: home }, all: true, reject: false, stdin: 'ignore', timeout: 60_000 },
  );
  assert.deepEqual([all, exitCode], ['closed', 0]);
});
