import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { startHints } from '../../../src/cli/launch/hints.ts';

test('the hints after a start are in the words of the project', async (context) => {
  const dir = await mkdtemp(join(tmpdir(), 'pl-hints-'));
  context.after(() => rm(dir, { recursive: true, force: true }));
  assert.deepEqual(startHints(dir, 'my apps.config.cjs', 42, undefined), [
    'kill -STOP 42            # freeze it, and see it restart',
    'npx pm2 monit            # watch it in the terminal',
    'npx pm2 logs pm2-liveness',
    'npx pm2-liveness status  # its state, and the reason',
    "npx pm2-liveness stop 'my apps.config.cjs'",
  ]);
  const scripts = { status: 'node dist/cli/main.js status', stop: 'docker stop db' };
  await writeFile(join(dir, 'package.json'), JSON.stringify({ scripts }));
  const hints = startHints(dir, 'ecosystem.config.cjs', null, undefined);
  assert.equal(hints[2], 'npm run status           # its state, and the reason');
  // Another `stop` script is not ours.
  assert.equal(hints[3], 'npx pm2-liveness stop ecosystem.config.cjs');
});

test('the address of the status page comes first, where it can be opened', () => {
  const listener = { url: 'http://127.0.0.1:9616', isGuarded: false, problem: null };
  const [first] = startHints('/', 'ecosystem.config.cjs', null, listener);
  assert.equal(first, 'http://127.0.0.1:9616/   # the status page');
  const taken = { ...listener, problem: 'the port is taken' };
  assert.ok(!startHints('/', 'ecosystem.config.cjs', null, taken).join().includes('9616'));
});
