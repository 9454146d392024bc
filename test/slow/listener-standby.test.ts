import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { freePorts } from '../support/free-ports.ts';
import { Pm2Sandbox } from '../support/pm2-sandbox.ts';
import { until } from '../support/until.ts';

const root = new URL('../..', import.meta.url).pathname;

describe('the port of the listener with a leader and a standby', () => {
  let pm2: Pm2Sandbox;
  let http = 0;

  before(async () => {
    pm2 = await Pm2Sandbox.create();
    const port = await freePorts(2);
    http = port + 1;
    const server = join(pm2.home, 'web.cjs');
    await writeFile(
      server,
      `require('node:http').createServer((_, answer) => answer.end('x')).listen(${port}, '127.0.0.1');`,
    );
    const env_liveness = { http: `http://127.0.0.1:${port}/`, period: '500ms', timeout: '1s' };
    await pm2.start({ name: 'web', script: server, env_liveness });
    await pm2.startMonitor({ LIVENESS_HTTP: String(http) });
    await pm2.reaches('web', 'healthy');
    const script = join(root, 'dist/main.js');
    const env = { LIVENESS_HTTP: String(http) };
    await pm2.start({ name: 'second', script, cwd: root, pmx: false, env });
    await until('the second one stands by', async () => /stand/i.test(await pm2.output('second')));
  });

  after(() => pm2.destroy());

  /** The pid of the monitor that answers; null where none does. */
  async function answering(): Promise<number | null> {
    const signal = AbortSignal.timeout(2_000);
    const answer = await fetch(`http://127.0.0.1:${http}/api/status`, { signal }).catch(() => null);
    if (answer?.status !== 200) return null;
    return ((await answer.json()) as { monitor: { pid: number } }).monitor.pid;
  }

  const isWebUp = async (): Promise<boolean> => {
    const signal = AbortSignal.timeout(2_000);
    const answer = await fetch(`http://127.0.0.1:${http}/health/web`, { signal }).catch(() => null);
    return answer?.status === 200;
  };

  test('is the leader’s, and its standby says nothing of a port that is taken', async () => {
    assert.equal(await answering(), (await pm2.app('pm2-liveness')).pid);
    assert.doesNotMatch(await pm2.output('second'), /port is taken/);
  });

  test('is the standby’s as soon as the leader was killed, with the health of the apps', async (t) => {
    const { pid: leader } = await pm2.app('pm2-liveness');
    const { pid: standby } = await pm2.app('second');
    const at = performance.now();
    process.kill(leader, 'SIGKILL');
    await until('the other one answers', async () => (await answering()) === standby, {
      withinMs: 60_000,
      everyMs: 50,
    });
    t.diagnostic(`answered again after ${Math.round(performance.now() - at)} ms`);
    await until('the app is known to be up', isWebUp, { withinMs: 60_000, everyMs: 50 });
    t.diagnostic(`knew that the app is up after ${Math.round(performance.now() - at)} ms`);
  });

  test('goes back when that one is stopped', async () => {
    await pm2.pm2('stop', 'second');
    const { pid } = await pm2.app('pm2-liveness');
    await until('the first one answers', async () => (await answering()) === pid, {
      withinMs: 60_000,
    });
    await until('the app is known to be up', isWebUp, { withinMs: 60_000 });
  });
});
