import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Pm2Sandbox, type Ran } from '../support/pm2-sandbox.ts';
import { portOf, smallServer } from '../support/small-server.ts';
import { until } from '../support/until.ts';

const program = join(import.meta.dirname, '../../dist/cli/main.js');

/** Every command that asks a monitor, as a person would type it. */
const ASKING = [
  ['status'],
  ['status', '--json'],
  ['describe', 'web'],
  ['events'],
  ['events', 'web'],
  ['pause', 'web', '--for', '5m'],
  ['resume', 'web'],
  ['reset', 'web'],
] as const;

/** One sentence on standard error, nothing on standard output. */
function assertOneSentence({ text, out }: Ran, wanted: RegExp): void {
  assert.equal(out, '');
  assert.match(text, wanted);
  assert.equal(text.trim().split('\n').length, 1, text);
  assert.doesNotMatch(text, /^\s+at |Error:/m);
}

describe('the commands', () => {
  let sandbox: Pm2Sandbox;

  before(async () => {
    sandbox = await Pm2Sandbox.create();
  });

  after(() => sandbox.destroy());

  function cli(...args: readonly string[]): Promise<Ran> {
    return sandbox.run(process.execPath, [program, ...args]);
  }

  test('in an empty home: one sentence, exit code 3, and no daemon is spawned', async () => {
    for (const args of ASKING) {
      const ran = await cli(...args);
      assert.equal(ran.exitCode, 3, args.join(' '));
      assertOneSentence(
        ran,
        /^no (PM2 daemon answers|monitor runs).*; start one with `pm2 start ecosystem\.config\.cjs`/,
      );
    }
    assert.ok(!existsSync(join(sandbox.home, 'pm2.pid')));
    // Nor are the folders made that PM2's package makes as soon as it is loaded.
    assert.ok(!existsSync(join(sandbox.home, 'modules')));
  });

  test('commands that ask PM2, start or stop also say it in a sentence, and spawn none', async () => {
    for (const [exitCode, wanted, ...args] of [
      [3, /^no PM2 daemon answers/, 'check'],
      [3, /^no PM2 daemon answers/, 'check', 'web'],
      [3, /^no PM2 daemon answers/, 'config', 'print', 'web'],
      [2, /^start: there is no none\.config\.cjs here/, 'start', 'none.config.cjs'],
      [2, /^stop: there is no none\.config\.cjs here/, 'stop', 'none.config.cjs'],
      [2, /^pause: --for: got '5'/, 'pause', 'web', '--for', '5'],
      [2, /^doctor: unknown option --fix/, 'doctor', '--fix'],
    ] as const) {
      const ran = await cli(...args);
      assert.equal(ran.exitCode, exitCode, args.join(' '));
      assertOneSentence(ran, wanted);
    }
    const stopped = await cli('stop');
    assert.equal(stopped.exitCode, 0);
    assert.equal(stopped.out, 'Nothing to stop: no PM2 daemon runs.');
    const doctor = await cli('doctor', '--json');
    assert.equal(doctor.exitCode, 3);
    assert.match(doctor.out, /"what": "no PM2 daemon answers/);
    assert.ok(!existsSync(join(sandbox.home, 'pm2.pid')));
    assert.ok(!existsSync(join(sandbox.home, 'modules')));
  });

  test('an output that cannot be written is reported in one sentence, with exit code 1', async () => {
    const typed = (line: string): Promise<Ran> =>
      sandbox.run('sh', ['-c', `"$0" "$1" ${line}`, process.execPath, program]);
    const full = await typed('config schema > /dev/full');
    assert.equal(full.exitCode, 1);
    assertOneSentence(full, /^the output cannot be written: ENOSPC/);
    const left = await typed('config schema | head -n 1');
    assert.deepEqual([left.exitCode, left.text], [0, '{']);
    const whole = await typed('config schema | { sleep 0.2; cat; }');
    assert.doesNotThrow(() => JSON.parse(whole.out));
  });

  test('what a command is about to do is done, also where nobody reads what it says', async (context) => {
    const project = await mkdtemp(join(tmpdir(), 'pl-'));
    context.after(() => rm(project, { recursive: true, force: true }));
    await writeFile(join(project, 'package.json'), '{ "scripts": { "dev": "node server.js" } }');
    for (const [to, code] of [
      ['| true', 0],
      ['> /dev/full', 1],
    ] as const) {
      const line = `"$0" "$1" init --yes ${to}`;
      const ran = await sandbox.run('sh', ['-c', line, process.execPath, program], {}, project);
      assert.equal(ran.exitCode, code, ran.text);
      assert.deepEqual((await readdir(project)).toSorted(), [
        'ecosystem.config.cjs',
        'package.json',
      ]);
      await rm(join(project, 'ecosystem.config.cjs'));
    }
  });

  test('with PM2 and no monitor: one sentence, and exit code 3', async () => {
    await sandbox.start(await smallServer(sandbox, 'other'));
    for (const args of ASKING) {
      const ran = await cli(...args);
      assert.equal(ran.exitCode, 3, args.join(' '));
      assertOneSentence(
        ran,
        /^no monitor (is running|runs).*; start one with `pm2 start ecosystem\.config\.cjs`/,
      );
    }
    await sandbox.pm2('delete', 'other');
  });

  describe('with a monitor', () => {
    let port: number;

    before(async () => {
      const app = await smallServer(sandbox, 'web');
      port = portOf(app);
      await sandbox.start(app);
      await sandbox.startMonitor();
      await sandbox.reaches('web', 'healthy');
    });

    test('a wrong name gets the right one, and exit code 2', async () => {
      for (const args of [
        ['status', 'wbe'],
        ['describe', 'wbe'],
        ['events', 'wbe'],
        ['pause', 'wbe'],
        ['resume', 'wbe'],
        ['reset', 'wbe'],
        ['check', 'wbe'],
        ['config', 'print', 'wbe'],
      ]) {
        const ran = await cli(...args);
        assert.equal(ran.exitCode, 2, args.join(' '));
        assertOneSentence(ran, /'wbe' \(did you mean 'web'\?\)$/);
      }
      const late = await cli('pause', 'web', '--for', '30');
      assert.equal(late.exitCode, 2);
      assertOneSentence(late, /^pause: --for: got '30'; write '30s' or '30ms'$/);
    });

    test('describe shows why, what comes next and who holds the port', async () => {
      const { exitCode, text } = await cli('describe', 'web');
      assert.equal(exitCode, 0, text);
      assert.match(text, /^web {2}healthy for/);
      assert.match(text, new RegExp(`Port +${port}: held by the app’s own process \\d+`));
      assert.match(text, /Next +checked again/);
      // Into a pipe, a line of any length for each field.
      assert.match(text, /^ {2}Uptime .* in 7d \(0 incidents\)$/m);
    });

    test('events says in a sentence that nothing has happened, and gives no data', async () => {
      for (const [wanted, ...args] of [
        [/^nothing has happened yet/],
        [/^nothing has happened to web yet/, 'web'],
        [/^nothing has happened yet/, '--json'],
      ] as const) {
        const ran = await cli('events', ...args);
        assert.equal(ran.exitCode, 0);
        assertOneSentence(ran, wanted);
      }
    });

    test('a pause holds, shows, and ends with resume', async () => {
      const paused = await cli('pause', 'web', '--for', '30m');
      assert.equal(paused.exitCode, 0, paused.text);
      assert.match(paused.out, /^web {2}paused by the operator for 30m more/);
      const status = await cli('status');
      assert.equal(status.exitCode, 1);
      assert.match(status.out, /web +paused/);
      const described = await cli('describe', 'web', '--json');
      const document = JSON.parse(described.out) as { targets: { target: { next: unknown } }[] };
      assert.match(JSON.stringify(document.targets[0]?.target.next), /watched again/);
      assert.equal((await cli('resume', 'web')).exitCode, 0);
      await sandbox.reaches('web', 'healthy');
      assert.equal((await cli('status', 'web')).exitCode, 0);
    });

    test('after a hang, describe and events show what happened and what was done', async () => {
      const { pid } = await sandbox.app('web');
      process.kill(pid, 'SIGSTOP');
      await until('it is restarted', async () => (await sandbox.app('web')).pid !== pid);
      await sandbox.reaches('web', 'healthy');
      const text = await until('the incident is written', async () => {
        const { out } = await cli('describe', 'web');
        return out.includes('Last one') ? out.replace(/\s+/g, ' ') : null;
      });
      assert.match(
        text,
        /Last one .* timeout: (?:no answer within 500 ms|its process \d+ is stopped) .*; recovered at .*, down for/,
      );
      assert.match(
        text,
        /restarting: (?:2 of 2 checks timed out|its process \d+ is stopped) .*; restart 1 of 5 in 10m/,
      );
      assert.match(text, /restarted as pid \d+/);
      const { exitCode, out } = await cli('events', 'web', '--since', '1h');
      assert.equal(exitCode, 0);
      assert.match(
        out,
        /web {2}opened +timeout: .*\n(.*\n)*.*web {2}resolved +incident over \(recovered\), down for/,
      );
      const young = await cli('events', '--since', '1ms');
      assert.equal(young.exitCode, 0);
      assertOneSentence(young, /^nothing has happened within 1ms/);
      const json = (await cli('events', '--json')).out
        .split('\n')
        .map((line) => JSON.parse(line) as { schemaVersion: number });
      assert.ok(json.length >= 3 && json.every(({ schemaVersion }) => schemaVersion === 1));
    });

    test('events -f follows what happens, and exits at Ctrl-C', async () => {
      const child = spawn(process.execPath, [program, 'events', '-f'], {
        env: { ...process.env, PM2_HOME: sandbox.home },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let said = '';
      child.stdout.on('data', (chunk) => (said += String(chunk)));
      await until('it tells the past', () => said.includes('resolved'));
      const { pid } = await sandbox.app('web');
      process.kill(pid, 'SIGSTOP');
      const count = (): number => said.split('opened').length - 1;
      await until('it tells the present', () => count() === 2);
      await until('the app is back', async () => (await sandbox.app('web')).pid !== pid);
      child.kill('SIGINT');
      const code = await new Promise((resolve) => child.once('close', resolve));
      assert.equal(code, 0);
    });

    test('status --watch draws again and again, and exits at Ctrl-C', async () => {
      const child = spawn(process.execPath, [program, 'status', '--watch'], {
        env: { ...process.env, PM2_HOME: sandbox.home },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let said = '';
      child.stdout.on('data', (chunk) => (said += String(chunk)));
      await until('it was drawn twice', () => said.split('LAST RESULT').length > 2);
      child.kill('SIGINT');
      assert.notEqual(await new Promise((resolve) => child.once('close', resolve)), null);
      // A pipe is not cleared.
      assert.ok(!said.includes('\u001B'));
    });
  });

  test('with PM2 killed under the monitor: what is known is shown, with exit code 3', async () => {
    await sandbox.pm2('kill');
    const ran = await cli('events');
    assert.equal(ran.exitCode, 3);
    assert.match(ran.out, /opened/);
    assert.match(ran.text, /no PM2 daemon answers/);
    const status = await cli('status');
    assert.equal(status.exitCode, 3);
    assertOneSentence(status, /no PM2 daemon answers/);
  });
});
