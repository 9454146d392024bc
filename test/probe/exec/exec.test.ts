import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, test } from 'node:test';
import type { TestContext } from 'node:test';
import { execa } from 'execa';
import { createProbe } from '../../../src/probe/registry.ts';
import { runProbe } from '../../../src/probe/runner.ts';
import type { ExecOptions } from '../../../src/probe/probe.ts';
import { ask, now, until, verdictOf } from '../support/ask.ts';
import { canTakePids, takePid } from '../../support/take-pid.ts';

/** An exec probe of Node itself, running `code`. */
const node = (code: string, more: Partial<ExecOptions> = {}): ExecOptions => ({
  type: 'exec',
  file: process.execPath,
  args: ['-e', code],
  env: {},
  ...more,
});

const shell = (script: string): ExecOptions => ({ ...node(''), file: 'sh', args: ['-c', script] });

async function temporaryFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'exec-probe-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Whether a process runs; a dead one that nobody has yet reaped does not. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return !existsSync('/proc/self'); // gone meanwhile, or a system without /proc
  }
}

async function pidIn(file: string): Promise<number> {
  let pid = 0;
  await until(async () => {
    pid = Number(await readFile(file, 'utf8').catch(() => '0'));
    return pid > 0;
  }, `a pid in ${file}`);
  return pid;
}

// execa is loaded by the first run; that is not what the deadlines below are about.
before(() => ask(node(''), 10_000));

test('exit code 0 is ok', async () => {
  assert.equal(verdictOf(await ask(node('console.log("fine")'))), 'ok');
});

test('another exit code fails, with the last line of output', async () => {
  const sample = await ask(
    node(
      'console.error("first"); console.error("\\u001b[31mno database\\u001b[0m\\n"); process.exit(3)',
    ),
  );
  assert.equal(verdictOf(sample), 'fail exec');
  assert.equal(sample.detail, 'exited with code 3: no database');
});

test('a command that a signal stops has failed', async () => {
  const sample = await ask(node('process.kill(process.pid, "SIGKILL")'));
  assert.equal(verdictOf(sample), 'fail exec');
  assert.equal(sample.detail, 'killed by SIGKILL');
});

test('arguments, folder, environment and input are as set', async (t) => {
  const cwd = await temporaryFolder(t);
  const code = `
    const assert = require('node:assert');
    assert.equal(process.argv[1], 'a b');
    assert.equal(require('node:fs').realpathSync(process.cwd()), require('node:fs').realpathSync(${JSON.stringify(cwd)}));
    assert.equal(process.env.EXTRA, 'yes');
    assert.equal(process.env.PATH, ${JSON.stringify(process.env['PATH'])});
    assert.equal(require('node:fs').readFileSync(0, 'utf8'), '');`;
  const sample = await ask(node('', { args: ['-e', code, 'a b'], cwd, env: { EXTRA: 'yes' } }));
  assert.equal(verdictOf(sample), 'ok', sample.detail);
});

test('a lot of output changes nothing', async () => {
  const code = `
    process.stdout.write('x'.repeat(20e6), () => {
      process.stdout.write('\\nlast\\n', () => process.exit(1));
    });`;
  const sample = await ask(node(code), 10_000);
  assert.equal(sample.detail, 'exited with code 1: last');
});

test('at the deadline the command and its children are stopped', async (t) => {
  const folder = await temporaryFolder(t);
  const [child, grandchild] = [join(folder, 'child'), join(folder, 'grandchild')];
  const sample = await ask(
    shell(`echo working; echo $$ > ${child}; sleep 600 & echo $! > ${grandchild}; wait`),
    300,
  );
  assert.equal(verdictOf(sample), 'fail exec');
  assert.equal(sample.detail, 'killed after 300 ms: working');
  for (const file of [child, grandchild]) {
    const pid = await pidIn(file);
    await until(() => !isAlive(pid), `${file} ended`);
  }
});

test('a command that ignores SIGTERM is killed a moment later', async (t) => {
  const folder = await temporaryFolder(t);
  const [file, asked] = [join(folder, 'pid'), join(folder, 'asked')];
  const probe = createProbe(
    shell(`trap 'echo > ${asked}' TERM; echo $$ > ${file}; while :; do sleep 0.05; done`),
  );
  const sample = await runProbe(probe, { now, timeoutMs: 200 });
  assert.equal(verdictOf(sample), 'fail exec');
  const pid = await pidIn(file);
  await until(() => !isAlive(pid), 'the command killed');
  assert.ok(existsSync(asked), 'it was asked first, and had time to end');
});

test('the next run waits for a command that is still being killed', async (t) => {
  const file = join(await temporaryFolder(t), 'pid');
  const probe = createProbe(
    shell(
      `test -s ${file} && exit 0; trap '' TERM; echo $$ > ${file}; while :; do sleep 0.05; done`,
    ),
  );
  assert.equal(verdictOf(await runProbe(probe, { now, timeoutMs: 200 })), 'fail exec');
  const pid = await pidIn(file);
  assert.equal(verdictOf(await runProbe(probe, { now, timeoutMs: 50 })), 'unknown pending');
  assert.equal(verdictOf(await runProbe(probe, { now, timeoutMs: 3000 })), 'ok');
  assert.equal(isAlive(pid), false);
});

test('stop kills at once, and nothing starts after it', async (t) => {
  const folder = await temporaryFolder(t);
  const [file, asked] = [join(folder, 'pid'), join(folder, 'asked')];
  const probe = createProbe(
    shell(`trap 'echo > ${asked}' TERM; echo $$ > ${file}; while :; do sleep 0.05; done`),
  );
  const controller = new AbortController();
  const running = runProbe(probe, { now, timeoutMs: 60_000, signal: controller.signal });
  const pid = await pidIn(file);
  controller.abort();
  probe.stop();
  probe.stop();
  assert.equal(verdictOf(await running), 'unknown aborted');
  await until(() => !isAlive(pid), 'the command killed');
  assert.ok(!existsSync(asked), 'without the grace of a deadline');
  assert.equal(verdictOf(await runProbe(probe, { now, timeoutMs: 1000 })), 'unknown aborted');
});

test('what a command leaves behind goes with it, and does not hold up its result', async (t) => {
  const file = join(await temporaryFolder(t), 'pid');
  const probe = createProbe(shell(`sleep 600 & echo $! > ${file}; exit 0`));
  const sample = await runProbe(probe, { now, timeoutMs: 5000 });
  assert.equal(verdictOf(sample), 'ok');
  const pid = await pidIn(file);
  await until(() => !isAlive(pid), 'the left-over ended');
});

test(
  'a command that has ended is forgotten: its pid may be another’s',
  { skip: !canTakePids() },
  async (t) => {
    const file = join(await temporaryFolder(t), 'pid');
    const probe = createProbe(shell(`echo $$ > ${file}`));
    assert.equal(verdictOf(await runProbe(probe, { now, timeoutMs: 5000 })), 'ok');
    const stranger = await takePid(await pidIn(file), 'sleep', ['600']);
    t.after(() => stranger.kill('SIGKILL'));
    const ended = once(stranger, 'exit').then(() => 'ended');
    probe.stop();
    const passed = new Promise((resolve) => setTimeout(resolve, 700, 'lives'));
    assert.equal(await Promise.race([ended, passed]), 'lives');
  },
);

test('with no descriptors left it is unknown, again and again, and nothing falls', async () => {
  const script = new URL('../support/without-descriptors.ts', import.meta.url).pathname;
  const run = `ulimit -n 500 && exec "$0" --import tsx "$1"`;
  const { stdout, exitCode, stderr } = await execa('sh', ['-c', run, process.execPath, script], {
    reject: false,
  });
  assert.equal(exitCode, 0, stderr);
  const samples = JSON.parse(stdout) as readonly string[];
  assert.equal(samples.length, 14);
  assert.equal(samples.at(0), 'ok');
  assert.equal(samples.at(-1), 'ok');
  assert.deepEqual([...new Set(samples.slice(1, -1))], ['unknown resources']);
});

test('a command that is not there is a broken probe', async () => {
  const sample = await ask({ ...node(''), file: 'no-such-command-here' });
  assert.equal(verdictOf(sample), 'unknown broken-probe');
  assert.match(sample.detail, /no-such-command-here was not found/);
});

test('a command that may not be run is a broken probe', async (t) => {
  const file = join(await temporaryFolder(t), 'check.sh');
  await writeFile(file, '#!/bin/sh\n', { mode: 0o644 });
  const sample = await ask({ ...node(''), file });
  assert.equal(verdictOf(sample), 'unknown broken-probe');
  assert.match(sample.detail, /may not be executed/);
});

test('a folder that is not there is a broken probe', async () => {
  const sample = await ask(node('', { cwd: '/no/such/folder' }));
  assert.equal(verdictOf(sample), 'unknown broken-probe');
  assert.match(sample.detail, /the folder \/no\/such\/folder \(`cwd`\) is not there/);
});

test('an argument that cannot be passed is a broken probe', async () => {
  const sample = await ask(node('', { args: ['a\0b'] }));
  assert.equal(verdictOf(sample), 'unknown broken-probe');
});
