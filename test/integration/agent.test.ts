import assert from 'node:assert/strict';
import { once } from 'node:events';
import { lstat, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { askDelays } from '../../src/agent/client.ts';
import { agentHome, AGENT, AgentApp, HANGING_APP } from '../support/agent-app.ts';
import { until } from '../support/until.ts';

const apps: AgentApp[] = [];

async function start(
  args: readonly string[],
  nodeArgs: string[] = [],
  env = {},
): Promise<AgentApp> {
  const app = new AgentApp(await agentHome(), nodeArgs, args, env);
  apps.push(app);
  return app;
}

after(async () => {
  for (const app of apps) await app.stop();
});

describe('the agent of an app', () => {
  test('says where a blocked main thread is, on a socket for its owner alone', async () => {
    const app = await start([HANGING_APP, 'regex']);
    await app.begun();
    const [name = ''] = await app.sockets();
    const found = await lstat(join(app.home, 'pm2-liveness', name));
    assert.equal(found.mode & 0o777, 0o600);
    const calm = await app.ask();
    assert.equal(calm?.isBlocked, false);
    assert.ok(calm.active?.resources.some((each) => each.name === 'TCPServerWrap'));
    void fetch(`http://127.0.0.1:${await app.port()}/hang`).catch(() => undefined);
    const hung = await until('the profile of a hang', async () => {
      const answer = await app.ask();
      return answer?.isBlocked === true && answer.stack !== null && answer;
    });
    const [inner, outer] = hung.stack ?? [];
    assert.deepEqual([inner?.name, inner?.line], ['matchNames', 16]);
    assert.equal(inner?.file, 'test/support/hangs/app.mjs');
    assert.equal(outer?.name, 'handleRequest');
  });

  test('shows the lines of TypeScript that runs from memory', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'pl-ts-'));
    const file = join(folder, 'app.ts');
    const lines = ['interface A { readonly a: number }', '', '', 'type B = A;'];
    lines.push('setTimeout(function spin(): void {', '  const b: B = { a: 1 };');
    lines.push('', '  for (;;) Math.sqrt(b.a + Math.random());', '}, 500);');
    await writeFile(file, lines.join('\n'));
    const app = await start([file], ['--import', 'tsx']);
    const hung = await until('the profile of a hang', async () => {
      const answer = await app.ask();
      return answer?.stack?.[0]?.name === 'spin' && answer;
    });
    const [inner] = hung.stack ?? [];
    assert.equal(inner?.line, 8);
    await rm(folder, { recursive: true });
  });

  test('leaves an app alone that ends by itself, and takes its socket away', async () => {
    const app = await start(['-e', "setTimeout(() => console.log('done'), 2_000)"]);
    await app.begun();
    const [code] = await once(app.child, 'exit');
    assert.deepEqual([code, app.text], [0, 'done\n']);
    assert.deepEqual(await app.sockets(), []);
  });

  test('starts no thread before a monitor is there', async () => {
    const app = await start(['-e', "console.log('on'); setInterval(() => undefined, 1_000)"]);
    // The folder is the monitor's, which has not run yet.
    await rm(join(app.home, 'pm2-liveness'), { recursive: true });
    await until('it runs', () => app.text.includes('on'));
    const threads = async (): Promise<number> => (await readdir(`/proc/${app.pid}/task`)).length;
    const alone = await threads();
    await mkdir(join(app.home, 'pm2-liveness'), { mode: 0o700 });
    await app.begun();
    assert.ok((await threads()) > alone);
  });

  test('starts no thread where PM2 does not run the app, or a second time', async () => {
    const program = `
      const { Worker } = require('node:worker_threads');
      import(${JSON.stringify(AGENT)} + '?again').then(() => setTimeout(() => {
        new Worker('setTimeout(() => console.log("inner"), 100)', { eval: true });
        const { readdirSync } = require('node:fs');
        const home = process.env.PM2_HOME + '/pm2-liveness';
        setTimeout(() => console.log('sockets', readdirSync(home).length), 1_500);
      }, 100));`;
    const alone = await start(['-e', program], [], { pm_id: '' });
    const twice = await start(['-e', program]);
    await Promise.all([once(alone.child, 'exit'), once(twice.child, 'exit')]);
    assert.match(alone.text, /sockets 0/);
    assert.match(twice.text, /inner[^]*sockets 1|sockets 1[^]*inner/);
  });

  test('drops clients that send what is no request, and answers the next one', async () => {
    const app = await start([HANGING_APP, 'none']);
    await app.begun();
    const [name = ''] = await app.sockets();
    for (const text of [
      'GET / HTTP/1.1\r\n\r\n',
      'x'.repeat(10_000),
      'profile'.padEnd(300),
      '\n',
    ]) {
      const socket = connect(join(app.home, 'pm2-liveness', name), () => socket.write(text));
      socket.on('error', () => undefined);
      await once(socket, 'close');
    }
    assert.equal((await app.ask())?.pid, app.pid);
    assert.equal(app.child.exitCode, null);
  });

  test('says how late the event loop is, also while that is blocked', async () => {
    const app = await start([HANGING_APP, 'busy loop']);
    await app.begun();
    const pids = [app.pid, process.pid];
    const calm = await askDelays(app.home, pids);
    assert.deepEqual([...calm.keys()], [app.pid]);
    void fetch(`http://127.0.0.1:${await app.port()}/hang`).catch(() => undefined);
    await until('it is late', async () => {
      const delay = (await askDelays(app.home, pids)).get(app.pid);
      return delay !== undefined && delay.maxMs > 1_000;
    });
    assert.equal((await app.ask('delay'))?.isBlocked, true);
    assert.equal((await askDelays(join(app.home, 'none'), pids)).size, 0);
  });

  test('goes on after a look at a thread that is in a system call', async () => {
    const program = `
      setTimeout(() => {
        require('node:child_process').execFileSync('sleep', ['3']);
        console.log('went on');
        setInterval(() => undefined, 1_000);
      }, 800);`;
    const app = await start(['-e', program]);
    await app.begun();
    const blocked = await until('a blocked look', async () => {
      const answer = await app.ask('look', 1_500);
      return answer?.isBlocked === true && answer;
    });
    assert.equal(blocked.stack, null);
    await until('it goes on', () => app.text.includes('went on'));
    const free = await until('it is free', async () => {
      const answer = await app.ask();
      return answer?.isBlocked === false && answer;
    });
    assert.ok((free.delay?.maxMs ?? 0) > 1_000);
    assert.equal((await readdir(join(app.home, 'pm2-liveness'))).length, 1);
  });
});
