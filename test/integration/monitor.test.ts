import assert from 'node:assert/strict';
import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { freePort, Pm2Sandbox, type App } from '../support/pm2-sandbox.ts';
import { holds, until } from '../support/until.ts';
import { statusOf } from '../support/vite-app.ts';

/** A small server that answers with the last `GET /set/<code>`; 200 at first. */
const SERVER = `
import { createServer } from 'node:http';
let code = 200;
createServer((request, response) => {
  const set = /^.set.(\\d+)$/.exec(request.url);
  if (set) code = Number(set[1]);
  response.statusCode = set ? 200 : code;
  response.end('answer');
}).listen(Number(process.env.PORT), '127.0.0.1');
`;

describe('the monitor and its settings', () => {
  let sandbox: Pm2Sandbox;
  let script: string;
  const fast = { period: '300ms', timeout: '1s', fastPeriod: '200ms', startupPeriod: '100ms' };

  /** A small server as an app; its block names its port as `${PORT}`. */
  async function server(
    name: string,
    block?: Record<string, unknown>,
  ): Promise<App & { port: number }> {
    const port = await freePort();
    const http = { http: 'http://127.0.0.1:${PORT}/', ...fast, ...block };
    return {
      name,
      script,
      port,
      env: { PORT: String(port), SECRET_TOKEN: 'hunter2-never-shown' },
      ...(block === undefined ? {} : { env_liveness: http }),
    };
  }

  /** The answer of `pm2 trigger`, parsed. */
  async function trigger(...args: string[]): Promise<unknown> {
    const { text } = await sandbox.pm2('trigger', 'pm2-liveness', ...args);
    const json = /\]=(.*)$/m.exec(text)?.[1];
    assert.ok(json !== undefined, text);
    return JSON.parse(json);
  }

  before(async () => {
    sandbox = await Pm2Sandbox.create();
    script = join(sandbox.home, 'server.mjs');
    await writeFile(script, SERVER);
    await sandbox.startMonitor({ LIVENESS_LOG: 'json' });
  });

  after(() => sandbox.destroy());

  test('an app that is started later is picked up, and one without a block is never touched', async () => {
    const [web, bare] = [await server('web', {}), await server('bare')];
    await sandbox.start(web, bare);
    await sandbox.reaches('web', 'healthy');
    const { pid } = await sandbox.app('bare');
    process.kill(pid, 'SIGSTOP');
    await holds('the bare app is left alone', 4_000, async () => {
      return (await sandbox.app('bare')).pid === pid;
    });
    const { targets } = (await sandbox.status()) ?? { targets: [] };
    assert.deepEqual(
      targets.map(({ name }) => name),
      ['web'],
    );
    process.kill(pid, 'SIGCONT');
    await sandbox.pm2('delete', 'bare');
  });

  test('observe mode decides and says so, but never acts', async () => {
    const app = await server('observed', { action: 'observe' });
    await sandbox.start(app);
    await sandbox.reaches('observed', 'healthy');
    const { pid } = await sandbox.app('observed');
    await statusOf(`http://127.0.0.1:${app.port}/set/503`, 1_000);
    await until('it says what it would do', async () =>
      (await sandbox.output('pm2-liveness')).includes('would restart'),
    );
    await holds(
      'it is not restarted',
      3_000,
      async () => (await sandbox.app('observed')).pid === pid,
    );
    const { state, incident } = await sandbox.target('observed');
    assert.equal(state, 'failing');
    assert.equal(incident?.cause, 'status');
    await sandbox.pm2('delete', 'observed');
  });

  test('a bad block leaves its app unwatched and says everything wrong with it; the others are watched', async () => {
    const http = {
      url: 'http://127.0.0.1:${PORT}/',
      headers: { authorization: 'hunter2-in-a-header' },
    };
    const bad = await server('bad', { http, perod: '5s', timeout: 5 });
    await sandbox.start(bad);
    const refused = await until(
      'it is told',
      async () => (await sandbox.status())?.misconfigured[0],
    );
    assert.equal(refused.name, 'bad');
    assert.equal(refused.isWatched, false);
    assert.match(refused.message, /did you mean 'period'/);
    assert.match(refused.message, /write '5s' or '5ms'/);
    assert.equal((await sandbox.target('web')).state, 'healthy');
    assert.match(await sandbox.output('pm2-liveness'), /did you mean 'period'/);
    const told = JSON.stringify(await trigger('status')) + (await sandbox.output('pm2-liveness'));
    assert.ok(!told.includes('hunter2'), 'what the user wrote into the block is not repeated');
    await sandbox.pm2('delete', 'bad');
    await until(
      'it is forgotten',
      async () => (await sandbox.status())?.misconfigured.length === 0,
    );
  });

  test('a block that is changed holds at once, and a bad one keeps the last good one', async () => {
    const app = await server('changing', { failureThreshold: 4 });
    await sandbox.start(app);
    await sandbox.reaches('changing', 'healthy');
    await sandbox.start({ ...app, env_liveness: { ...app.env_liveness, failureThreshold: 2 } });
    await until(
      'the new threshold holds',
      async () => (await sandbox.target('changing')).threshold === 2,
    );
    await sandbox.start({ ...app, env_liveness: { ...app.env_liveness, failureThreshold: 'two' } });
    const refused = await until(
      'it is told',
      async () => (await sandbox.status())?.misconfigured[0],
    );
    assert.equal(refused.isWatched, true);
    assert.equal((await sandbox.target('changing')).threshold, 2);
    await sandbox.start({ ...app, env_liveness: { ...app.env_liveness, failureThreshold: 2 } });
    await until('the bad block is forgotten', async () => {
      return (await sandbox.status())?.misconfigured.length === 0;
    });
    await sandbox.pm2('delete', 'changing');
  });

  test('an app that PM2 gave up comes back with the first trial after its cause is fixed', async () => {
    const flag = join(sandbox.home, 'crash');
    const crashing = join(sandbox.home, 'crashing.mjs');
    await writeFile(flag, '');
    await writeFile(
      crashing,
      `import { existsSync } from 'node:fs';\nif (existsSync(${JSON.stringify(flag)})) process.exit(1);\n${SERVER}`,
    );
    const app = await server('crashing', { restarts: { cooldown: '2s', maxCooldown: '4s' } });
    // Seen well before it crashes, as usual.
    await rm(flag);
    // PM2 counts crashes for `max_restarts` × `min_uptime` after the start: 3 s are over at once on a busy machine.
    await sandbox.start({ ...app, script: crashing, max_restarts: 3, min_uptime: 10_000 });
    await sandbox.reaches('crashing', 'healthy');
    await writeFile(flag, '');
    process.kill((await sandbox.app('crashing')).pid, 'SIGKILL');
    await until('PM2 gives it up', async () => {
      return (await sandbox.app('crashing')).pm2_env.status === 'errored';
    });
    await rm(flag);
    await sandbox.reaches('crashing', 'healthy', 30_000);
    assert.ok((await sandbox.target('crashing')).restarts.total >= 1);
    await sandbox.pm2('delete', 'crashing');
  });

  test('actions answer JSON, and bad input gets an error and no crash', async () => {
    const monitor = await sandbox.app('pm2-liveness');
    const status = await trigger('status');
    assert.ok(typeof status === 'object' && status !== null && 'targets' in status);
    const [probed] = (await trigger('probe', 'web')) as { sample: { kind: string } }[]; // our own answer
    assert.equal(probed?.sample.kind, 'ok');
    assert.match(
      JSON.stringify(await trigger('probe', 'nobody')),
      /no watched app is called .*web/,
    );
    assert.match(JSON.stringify(await trigger('pause')), /got no app/);
    assert.match(JSON.stringify(await trigger('pause', 'web 30')), /write '30s' or '30ms'/);
    assert.equal((await sandbox.app('pm2-liveness')).pid, monitor.pid);
  });

  test('a paused app is left alone until its time is over or it is resumed', async () => {
    const { pid } = await sandbox.app('web');
    await trigger('pause', 'web 1h');
    const paused = await sandbox.reaches('web', 'paused');
    assert.match(paused.summary, /paused by the operator/);
    process.kill(pid, 'SIGSTOP');
    await holds('it is left alone', 5_000, async () => (await sandbox.app('web')).pid === pid);
    process.kill(pid, 'SIGCONT');
    await trigger('resume', 'web');
    await sandbox.reaches('web', 'healthy');
    await trigger('pause', 'web 2s');
    await sandbox.reaches('web', 'paused');
    await sandbox.reaches('web', 'healthy');
    assert.match(JSON.stringify(await trigger('reset', 'web')), /healthy/);
  });

  test('pm2 describe and monit get our metrics and nothing of PM2’s own', async () => {
    const seen = await until('the metrics are there', async () => {
      const { pm2_env: env } = await sandbox.app('pm2-liveness');
      const { web, 'probe p95': p95 } = env.axm_monitor;
      // The daemon has a value a second later than we.
      return p95 && /^UP \d/.test(String(web?.value)) ? env : null;
    });
    const names = Object.keys(seen.axm_monitor);
    assert.equal(names[0], 'web');
    assert.ok(names.length <= 8, names.join());
    assert.ok(!names.some((name) => /heap|event loop|http/i.test(name)), names.join());
    const word = String(seen.axm_monitor['web']?.value);
    assert.match(word, /^UP \d+m?s$/);
    const actions = seen.axm_actions.map(({ action_name: name }) => name);
    for (const name of ['status', 'probe', 'pause', 'resume', 'reset']) {
      assert.ok(actions.includes(name), name);
    }
  });

  test('an app is never shown with its environment', async () => {
    const told = JSON.stringify(await sandbox.status()) + (await sandbox.output('pm2-liveness'));
    assert.ok(told.includes('web'));
    assert.ok(!told.includes('hunter2'));
  });

  test('every line of the log is one JSON object', async () => {
    const lines = (await sandbox.output('pm2-liveness')).trim().split('\n');
    assert.ok(lines.length > 5);
    for (const line of lines) assert.equal(typeof JSON.parse(line).message, 'string', line);
  });

  test('a stopped monitor exits cleanly, and the apps run on', async () => {
    const { pid } = await sandbox.app('web');
    await sandbox.pm2('stop', 'pm2-liveness');
    assert.equal((await sandbox.app('pm2-liveness')).pm2_env.status, 'stopped');
    assert.equal((await sandbox.app('web')).pid, pid);
    const cli = await sandbox.run(process.execPath, ['dist/cli/main.js', 'status']);
    assert.equal(cli.exitCode, 3);
    assert.match(cli.text, /no monitor is running/);
    assert.ok((await readdir(sandbox.home)).length > 0);
  });
});
