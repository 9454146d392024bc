import assert from 'node:assert/strict';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { askAgent } from '../../src/agent/client.ts';
import { AGENT } from '../support/agent-app.ts';
import { Pm2Sandbox } from '../support/pm2-sandbox.ts';
import { until } from '../support/until.ts';

const STAY = 'setInterval(function tick() {}, 1_000);';

/** Its second thread is blocked, and its main thread is not. */
const THREADS = `
  const { Worker } = require('node:worker_threads');
  new Worker('for (;;);', { eval: true });
  ${STAY}`;

const APPS = [
  { name: 'esm', file: 'esm.mjs', text: `import 'node:fs'; ${STAY}`, instances: 0 },
  { name: 'cjs', file: 'cjs.cjs', text: STAY, instances: 0 },
  { name: 'threads', file: 'threads.cjs', text: THREADS, instances: 0 },
  { name: 'cluster-cjs', file: 'cjs.cjs', text: STAY, instances: 2 },
  { name: 'cluster-esm', file: 'esm.mjs', text: `import 'node:fs'; ${STAY}`, instances: 1 },
];

describe(
  'the agent in each way that PM2 starts an app',
  { skip: process.platform !== 'linux' },
  () => {
    let pm2: Pm2Sandbox;

    before(async () => {
      pm2 = await Pm2Sandbox.create();
      await mkdir(join(pm2.home, 'pm2-liveness'), { mode: 0o700 });
      for (const { file, text } of APPS) await writeFile(join(pm2.home, file), text);
      await pm2.start(
        ...APPS.map(({ name, file, instances }) => ({
          name,
          script: join(pm2.home, file),
          node_args: `--import ${AGENT}`,
          ...(instances > 0 && { exec_mode: 'cluster', instances }),
        })),
      );
    });

    after(() => pm2.destroy());

    for (const { name, instances } of APPS) {
      test(`answers for ${name}, once in a process`, async () => {
        const entries = (await pm2.list()).filter((each) => each.name === name);
        assert.equal(entries.length, Math.max(1, instances));
        for (const { pid } of entries) {
          const answer = await until('the agent answers', () =>
            askAgent(pm2.home, { pid, birth: null }, 'look', 3_000),
          );
          assert.deepEqual([answer.pid, answer.isBlocked], [pid, false]);
          const names = await readdir(join(pm2.home, 'pm2-liveness'));
          assert.equal(names.filter((each) => each.startsWith(`a${pid}-`)).length, 1);
        }
      });
    }

    test('costs no app a restart', async () => {
      for (const { name, pm2_env: env } of await pm2.list())
        assert.deepEqual([name, env.status, env.restart_time], [name, 'online', 0]);
    });
  },
);
