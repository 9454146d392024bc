import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { freePort, Pm2Sandbox, type Ran } from '../support/pm2-sandbox.ts';
import { portOf, smallServer } from '../support/small-server.ts';
import { until } from '../support/until.ts';

const program = join(import.meta.dirname, '../../dist/cli/main.js');

/** `value (source)` by key, of the first app in the document of `config print --json`. */
function settingsIn(out: string): ReadonlyMap<string, string> {
  const { apps } = JSON.parse(out) as {
    apps: { settings: { key: string; value: string; source: string }[] }[];
  };
  const settings = apps[0]?.settings ?? assert.fail(out);
  return new Map(settings.map(({ key, value, source }) => [key, `${value} (${source})`]));
}

describe('check and config print on a real PM2', () => {
  let sandbox: Pm2Sandbox;
  let port: number;

  before(async () => {
    sandbox = await Pm2Sandbox.create();
  });

  after(() => sandbox.destroy());

  function cli(...args: readonly string[]): Promise<Ran> {
    return sandbox.run(process.execPath, [program, ...args]);
  }

  test('without PM2: a URL is still probed, an app gives exit code 3, and no daemon is spawned', async () => {
    const closed = await freePort();
    const url = await cli('check', `http://127.0.0.1:${closed}/`);
    assert.equal(url.exitCode, 1, url.text);
    assert.match(url.out, / refused /);
    for (const args of [['check', 'web'], ['check'], ['config', 'print']]) {
      const ran = await cli(...args);
      assert.deepEqual([ran.exitCode, ran.out], [3, ''], args.join(' '));
      assert.match(ran.text, /^no PM2 daemon answers at .*$/);
    }
    assert.ok(!existsSync(join(sandbox.home, 'pm2.pid')));
  });

  test('with no monitor: every instance of every app is probed by its block', async () => {
    const web = await smallServer(sandbox, 'web', { http: '${WHERE}' });
    port = portOf(web);
    const where = { ...web.env, WHERE: `http://127.0.0.1:${port}/`, SECRET: 'sEcReT' };
    const broken = await smallServer(sandbox, 'broken', {}, { BROKEN: '1' });
    await sandbox.start({ ...web, env: where }, broken);
    const well = await until('web listens', async () => {
      const ran = await cli('check', 'web', `127.0.0.1:${port}`);
      return ran.exitCode === 0 && ran;
    });
    assert.match(well.out, /^web +ok +\S+ +answered 200 \[.*\]\n127\S+ +ok /);
    const all = await until('the other one answers', async () => {
      const ran = await cli('check');
      return ran.out.includes('answered 500') && ran;
    });
    assert.equal(all.exitCode, 1);
    assert.match(all.out, /^web +ok .*\nbroken +status +\S+ +answered 500/m);
  });

  test('an app that is hung or stopped is not well', async () => {
    const { pid } = await sandbox.app('web');
    process.kill(pid, 'SIGSTOP');
    const hung = await cli('check', 'web', '--json');
    process.kill(pid, 'SIGCONT');
    assert.equal(hung.exitCode, 1);
    assert.match(hung.out, /"class": "timeout"/);
    await sandbox.pm2('stop', 'broken');
    const stopped = await cli('check', 'broken');
    assert.equal(stopped.exitCode, 1);
    assert.match(stopped.out, / refused .*\(PM2 says stopped\)$/);
  });

  test('a wrong name gets the right one, and a bad block its problems: exit code 2', async () => {
    for (const args of [
      ['check', 'wbe'],
      ['config', 'print', 'wbe'],
    ]) {
      const ran = await cli(...args);
      assert.deepEqual([ran.exitCode, ran.out], [2, ''], args.join(' '));
      assert.match(ran.text, /'wbe' \(did you mean 'web'\?\)$/);
    }
    await sandbox.start(await smallServer(sandbox, 'bad', { period: 5 }));
    for (const args of [
      ['check', 'bad'],
      ['config', 'print', 'bad'],
    ]) {
      const ran = await cli(...args);
      assert.deepEqual([ran.exitCode, ran.out], [2, ''], args.join(' '));
      assert.match(ran.text, /env_liveness\.period: got 5; write '5s' or '5ms'/);
    }
    await sandbox.pm2('delete', 'bad');
  });

  test('config print shows every setting and where it comes from', async () => {
    const alone = await cli('config', 'print', 'web', '--json');
    assert.equal(alone.exitCode, 0, alone.text);
    assert.equal(settingsIn(alone.out).get('period'), '300ms (env_liveness)');
    assert.equal(settingsIn(alone.out).get('http.url'), `http://127.0.0.1:${port}/ (env_liveness)`);
    assert.match(alone.text, /PM2 runs no pm2-liveness/);

    // PM2 passes these to any app with the name for which they are set.
    for (const [key, value] of [
      ['timeout', '900ms'],
      ['log', 'json'],
    ] as const) {
      const set = await sandbox.pm2('set', `pm2-liveness:liveness_${key}`, value);
      assert.equal(set.exitCode, 0, set.text);
    }
    await sandbox.startMonitor({ LIVENESS_PERIOD: '450ms', MONITOR_SECRET: 'sEcReT' });
    const ran = await cli('config', 'print', 'web', '--json');
    assert.equal(ran.exitCode, 0, ran.text);
    const settings = settingsIn(ran.out);
    assert.equal(settings.get('period'), '450ms (LIVENESS_PERIOD)');
    assert.equal(settings.get('timeout'), '900ms (pm2 set pm2-liveness:liveness_timeout)');
    assert.equal(settings.get('failureThreshold'), '2 (env_liveness)');
    assert.equal(settings.get('busyGrace'), '30s (default)');
    // The monitor itself is of the same mind.
    const { probe, threshold } = await sandbox.reaches('web', 'healthy');
    assert.deepEqual([probe.periodMs, probe.timeoutMs, threshold], [450, 900, 2]);
    const text = await cli('config', 'print');
    assert.match(text.out, /^web$/m);
    assert.match(text.out, /^ {2}period +450ms +LIVENESS_PERIOD$/m);
    assert.match(text.out, /^ {2}log +json +pm2 set pm2-liveness:liveness_log$/m);
    for (const { text: told } of [alone, ran, text]) assert.ok(!told.includes('sEcReT'));
  });

  test('completions list the watched apps', async () => {
    const ran = await cli('completions', 'apps');
    assert.deepEqual([ran.exitCode, ran.out.split('\n').sort()], [0, ['broken', 'web']]);
  });
});
