import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { trialStart } from '../../../../src/cli/init/trial/trial-start.ts';
import type { TrialCommand } from '../../../../src/cli/init/trial/trial-command.ts';
import { freePort, isAlive } from '../../../support/pm2-sandbox.ts';
import { until } from '../../../support/until.ts';

/** Writes its pid and that of a child with a session of its own; neither cares for SIGTERM. */
const STUBBORN = `
const { spawn } = require('node:child_process');
const child = spawn(process.execPath, ['-e', "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)"], {
  detached: true, stdio: 'ignore',
});
child.unref();
require('node:fs').writeFileSync('pids', process.pid + ' ' + child.pid);
`;
const LISTENS = `require('node:http').createServer((_, answer) => answer.end('x')).listen(Number(process.env.PORT));`;

async function commandOf(
  t: TestContext,
  code: string,
  env: Readonly<Record<string, string>> = {},
): Promise<TrialCommand> {
  const cwd = await mkdtemp(join(tmpdir(), 'pl-trial-'));
  t.after(() => rm(cwd, { recursive: true, force: true }));
  await writeFile(join(cwd, 'app.cjs'), code);
  return { file: process.execPath, args: ['app.cjs'], cwd, env };
}

async function pidsIn({ cwd }: TrialCommand): Promise<readonly number[]> {
  const text = await readFile(join(cwd, 'pids'), 'utf8');
  return text.split(' ').map(Number);
}

describe('a start on trial', () => {
  test('finds the port, and ends the whole tree, also what has left the group', async (t) => {
    const port = await freePort();
    const command = await commandOf(t, STUBBORN + LISTENS, { PORT: String(port) });
    const { block } = await trialStart('api', command, new AbortController().signal);
    assert.deepEqual(block, { http: { url: `http://localhost:${port}/`, status: '100-599' } });
    const pids = await pidsIn(command);
    await until('both are gone', () => pids.every((pid) => !isAlive(pid)));
  });

  test('that is called off ends the tree too', async (t) => {
    const command = await commandOf(t, `${STUBBORN}setInterval(() => {}, 1000);`);
    const stop = new AbortController();
    const trial = trialStart('api', command, stop.signal);
    const pids = await until('it runs', () => pidsIn(command));
    stop.abort();
    const { block } = await trial;
    assert.equal(block, null);
    await until('both are gone', () => pids.every((pid) => !isAlive(pid)));
  });

  test('of a program that is not there says so', async (t) => {
    const command = { ...(await commandOf(t, '')), file: '/nowhere/program' };
    const { block, found } = await trialStart('api', command, new AbortController().signal);
    assert.equal(block, null);
    assert.match(found, /^api: it could not be started: /);
  });
});
