import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { freePorts } from '../support/free-ports.ts';
import { Pm2Sandbox, type Ran } from '../support/pm2-sandbox.ts';
import { until } from '../support/until.ts';

const root = new URL('../..', import.meta.url).pathname;
const PROGRAM = join(root, 'dist/cli/main.js');
const QUICK = { LIVENESS_PERIOD: '1s', LIVENESS_TIMEOUT: '1s' };
const SERVER = `require('node:http').createServer((_, answer) => answer.end('x'))
  .listen(Number(process.argv[2]), '127.0.0.1');`;

describe('watched.json with a leader and a standby', () => {
  let pm2: Pm2Sandbox;

  before(async () => {
    pm2 = await Pm2Sandbox.create({ env: QUICK });
    const first = await freePorts(2);
    await writeFile(join(pm2.home, 'server.cjs'), SERVER);
    for (const [nth, name] of ['one', 'two'].entries()) {
      const words = ['start', 'server.cjs', '--name', name, '--', String(first + nth)];
      await pm2.pm2In(pm2.home, words);
    }
    await pm2.startMonitor();
    const script = join(root, 'dist/main.js');
    await pm2.start({ name: 'second', script, cwd: root, pmx: false });
    await until('the second one stands by', async () => /stand/i.test(await pm2.output('second')));
  });

  after(() => pm2.destroy());

  const run = (...words: string[]): Promise<Ran> => pm2.run(process.execPath, [PROGRAM, ...words]);

  async function isRestarted(name: string): Promise<void> {
    const { pid } = await pm2.app(name);
    process.kill(pid, 'SIGSTOP');
    await until(
      `${name} is restarted`,
      async () => {
        const now = await pm2.app(name);
        return now.pid !== pid && (await pm2.target(name)).state === 'healthy';
      },
      { withinMs: 60_000, everyMs: 300 },
    );
  }

  test('the standby knows what was watched while it stood by, and restarts it', async () => {
    const { exitCode, text } = await run('watch', 'one', '--yes');
    assert.equal(exitCode, 0, text);
    await pm2.reaches('one', 'healthy');
    const leader = (await pm2.status())?.monitor.pid;
    assert.equal((await pm2.app('pm2-liveness')).pid, leader);
    await pm2.pm2('stop', 'pm2-liveness');
    const { pid } = await pm2.app('second');
    await until('the second one leads', async () => (await pm2.status())?.monitor.pid === pid);
    await pm2.reaches('one', 'healthy');
    assert.equal((await pm2.target('one')).blockFrom, 'watched.json');
    await isRestarted('one');
  });

  test('what is watched then is the second one’s at once, and the first one knows it when it leads again', async () => {
    const { exitCode, text } = await run('watch', 'two', '--yes');
    assert.equal(exitCode, 0, text);
    await isRestarted('two');
    await pm2.pm2('restart', 'pm2-liveness');
    await pm2.pm2('delete', 'second');
    const { pid } = await pm2.app('pm2-liveness');
    await until('the first one leads', async () => (await pm2.status())?.monitor.pid === pid);
    for (const name of ['one', 'two']) await pm2.reaches(name, 'healthy');
    await isRestarted('one');
    const file = join(pm2.home, 'pm2-liveness/watched.json');
    const { apps } = JSON.parse(await readFile(file, 'utf8')) as { apps: { name: string }[] };
    assert.deepEqual(
      apps.map(({ name }) => name),
      ['one', 'two'],
    );
  });
});
