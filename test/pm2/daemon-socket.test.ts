import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { checkDaemon } from '../../src/pm2/daemon-socket.ts';

const skip = process.platform === 'win32' && 'the pipe has one name for all';
const onlyLinux = process.platform !== 'linux' && 'other systems have another error';

let home = '';
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'lv-'));
});
afterEach(() => rm(home, { recursive: true, force: true }));

const listening = (path: string): Promise<Server> =>
  new Promise((resolve) => {
    const server = createServer((socket) => socket.destroy());
    server.listen(path, () => resolve(server));
  });

test('a PM2_HOME without a daemon is named, with the reason in words', { skip }, async () => {
  await assert.rejects(checkDaemon(home), {
    code: 'ERR_PM2_UNAVAILABLE',
    message: `no PM2 daemon answers at ${join(home, 'rpc.sock')} (the socket does not exist)`,
  });
});

test(
  'a socket without its daemon has another reason than a missing one',
  { skip: onlyLinux },
  async () => {
    // To connect to a plain file fails as it does for the socket of a daemon that was killed.
    await writeFile(join(home, 'rpc.sock'), '');
    await assert.rejects(checkDaemon(home), { message: /\(nothing listens on the socket\)$/ });
  },
);

test('a socket on which a daemon listens is enough', { skip }, async () => {
  const server = await listening(join(home, 'rpc.sock'));
  await checkDaemon(home);
  server.close();
});
