import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { AGENT } from '../support/agent-app.ts';
import { freePort, Pm2Sandbox } from '../support/pm2-sandbox.ts';
import { until } from '../support/until.ts';

const CLI = new URL('../../dist/cli/main.js', import.meta.url).pathname;

const SERVER = `
  import { createServer } from 'node:http';
  function spinForEver() { for (;;) Math.sqrt(Math.random()); }
  createServer((request, response) => {
    if (request.url === '/spin') spinForEver();
    response.end('well');
  }).listen(Number(process.env.PORT), '127.0.0.1');`;

const options = { skip: process.platform !== 'linux', concurrency: 2 };

describe('a server behind npm that hangs', options, () => {
  let sandbox: Pm2Sandbox;
  const ports = new Map<string, number>();

  before(async () => {
    sandbox = await Pm2Sandbox.create();
    await writeFile(join(sandbox.home, 'server.mjs'), SERVER);
    const manifest = { name: 'behind', private: true, scripts: { dev: 'node server.mjs' } };
    await writeFile(join(sandbox.home, 'package.json'), JSON.stringify(manifest));
    await sandbox.startMonitor();
    for (const [name, more] of [
      ['known', { NODE_OPTIONS: `--import ${AGENT}` }],
      ['plain', {}],
    ] as const) {
      const port = await freePort();
      ports.set(name, port);
      await sandbox.start({
        name,
        script: 'npm',
        args: ['run', 'dev'],
        cwd: sandbox.home,
        env: { PORT: String(port), ...more },
        env_liveness: {
          http: `http://127.0.0.1:${port}/`,
          period: '1s',
          timeout: '1s',
          busyGrace: '4s',
        },
      });
    }
  });

  after(() => sandbox.destroy());

  /** Lets it hang, and gives what its incident says that it was doing. */
  async function sentenceOf(name: string): Promise<string> {
    await sandbox.reaches(name, 'healthy', 60_000);
    const { pid } = await sandbox.app(name);
    void fetch(`http://127.0.0.1:${ports.get(name)}/spin`).catch(() => undefined);
    const gone = async (): Promise<boolean> => (await sandbox.app(name)).pid !== pid;
    await until('it is restarted', gone, { withinMs: 60_000 });
    await sandbox.reaches(name, 'healthy', 60_000);
    const { out } = await sandbox.run(process.execPath, [CLI, 'events', name, '--json']);
    const found = /"diagnosis":\["(?<sentence>[^"]+)"/.exec(out);
    return found?.groups?.['sentence'] ?? out;
  }

  test('the server itself is asked, by its agent', async () => {
    assert.match(await sentenceOf('known'), /^hung in spinForEver \(server\.mjs:\d+\)/);
  });

  test('without an agent it is the one that is busy, and not npm that waits', async () => {
    assert.match(await sentenceOf('plain'), /^busy: /);
  });
});
