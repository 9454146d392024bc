import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { isDaemon } from '../../src/guard/look.ts';

test('a process with the pid of the daemon is one only under the same PM2_HOME, or older than the pid file', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'pl-look-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const [home, other, link] = ['home (1)', 'other', 'link'].map((name) => join(folder, name));
  assert.ok(home && other && link);
  for (const each of [home, other]) await mkdir(each);
  await symlink(home, link);
  await writeFile(join(home, 'pm2.pid'), '1');
  const isOurs = (command: string, startedAtMs = Date.now() + 60_000): Promise<boolean> =>
    isDaemon({ command, startedAtMs }, home);
  assert.equal(await isOurs(`PM2 v7.0.4: God Daemon (${home})`), true);
  assert.equal(await isOurs(`PM2 v7.0.4: God Daemon (${link})`), true);
  assert.equal(await isOurs(`PM2 v7.0.4: God Daemon (${other})`), false);
  assert.equal(await isOurs(`PM2 v7.0.4: God Daemon (${home.slice(0, 5)}`), true);
  assert.equal(await isOurs('node other.js'), false);
  assert.equal(await isOurs('node Daemon.js', Date.now() - 60_000), true);
});
