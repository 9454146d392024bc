import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { test } from 'node:test';
import { until } from '../support/until.ts';

const PROGRAM = `
import { createIo } from ${JSON.stringify(new URL('../../src/pm2/io.ts', import.meta.url).href)};
const io = createIo();
for (const name of ['web', '__proto__', '{__proto__}', 'constructor', 'toString']) io.metric(name, () => 'UP');
setInterval(() => undefined, 1_000);
`;

test('metrics by any name of an app arrive where PM2 keeps them, as properties of an object', async (context) => {
  const execArgv = ['--import', import.meta.resolve('tsx'), '--input-type=module', '-e', PROGRAM];
  const child = fork('', { execArgv, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  context.after(() => child.kill('SIGKILL'));
  // As PM2's daemon does it with each message (Daemon.js).
  const kept = {};
  let messages = 0;
  child.on('message', ({ type, data }: { type?: string; data?: object }) => {
    if (type !== 'axm:monitor') return;
    messages += 1;
    Object.assign(kept, data);
  });
  // Five of our own, one name each, then one of all from @pm2/io.
  await until('all are told twice', () => messages >= 6);
  assert.deepEqual(Object.keys(kept).toSorted(), [
    'app __proto__',
    'constructor',
    'toString',
    'web',
  ]);
});
