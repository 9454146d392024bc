import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { startHints } from '../../../src/cli/launch/hints.ts';

test('the hints after a start are in the words of the project', async (context) => {
  const dir = await mkdtemp(join(tmpdir(), 'pl-hints-'));
  context.after(() => rm(dir, { recursive: true, force: true }));
  assert.deepEqual(startHints(dir, 'my apps.config.cjs', 42), [
    'kill -STOP 42            # freeze it, and see it restart',
    'npx pm2 monit            # watch it in the terminal',
    'npx pm2 logs pm2-liveness',
    'npx pm2-liveness status  # its state, and the reason',
    "npx pm2-liveness stop 'my apps.config.cjs'",
  ]);
  const scripts = { status: 'node dist/cli/main.js status', stop: 'docker stop db' };
  await writeFile(join(dir, 'package.json'), JSON.stringify({ scripts }));
  const hints = startHints(dir, 'ecosystem.config.cjs', null);
  assert.equal(hints[2], 'npm run status           # its state, and the reason');
  // Another `stop` script is not ours.
  assert.equal(hints[3], 'npx pm2-liveness stop ecosystem.config.cjs');
});
