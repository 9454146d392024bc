import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { execa } from 'execa';
import { until } from './support/until.ts';

const helper = new URL('../src/heartbeat.ts', import.meta.url).href;

describe('startHeartbeat', () => {
  let folder: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pl-beat-'));
  });

  after(() => rm(folder, { recursive: true }));

  /** A program that has `startHeartbeat` at hand. */
  async function program(name: string, source: string): Promise<string> {
    const file = join(folder, `${name}.mjs`);
    await writeFile(file, `import { startHeartbeat } from '${helper}';\n${source}`);
    return file;
  }

  /** Runs a program without a channel to a parent; the exit code and what it printed. */
  async function runAlone(file: string): Promise<readonly [number | undefined, string]> {
    const options = { reject: false, all: true, timeout: 20_000 } as const;
    const { exitCode, all } = await execa(process.execPath, ['--import', 'tsx', file], options);
    return [exitCode, all];
  }

  test('sends the message that PM2 passes on, at once and again and again', async () => {
    const source = 'startHeartbeat({ everyMs: 50 }); setInterval(() => undefined, 1_000);';
    const child = fork(await program('beats', source), { execArgv: ['--import', 'tsx'] });
    const messages: unknown[] = [];
    child.on('message', (message) => messages.push(message));
    try {
      await until('three beats', () => messages.length >= 3);
      assert.deepEqual(messages[0], { type: 'liveness:beat', data: {} });
    } finally {
      child.kill('SIGKILL');
    }
  });

  test('can be stopped', async () => {
    const source = `
      const stop = startHeartbeat({ everyMs: 50 });
      setTimeout(() => {
        stop();
        process.send('stopped');
        setTimeout(() => process.exit(0), 300);
      }, 200);`;
    const child = fork(await program('stops', source), { execArgv: ['--import', 'tsx'] });
    const messages: unknown[] = [];
    child.on('message', (message) => messages.push(message));
    const code = await new Promise((resolve) => {
      child.once('exit', resolve);
    });
    assert.equal(code, 0);
    assert.ok(messages.length >= 3, `${messages.length} messages`);
    assert.equal(messages.at(-1), 'stopped');
  });

  test('does nothing without PM2, and keeps no process alive', async () => {
    const file = await program('alone', 'startHeartbeat();\nconsole.log("over");');
    assert.deepEqual(await runAlone(file), [0, 'over']);
  });

  test('does nothing in a worker thread', async () => {
    // A worker thread of Node 20 has no tsx of its own accord.
    const thread = `
      const { register } = await import('${import.meta.resolve('tsx/esm/api')}');
      register();
      const { startHeartbeat } = await import('${helper}');
      startHeartbeat();
      console.log('over');`;
    await writeFile(join(folder, 'thread.mjs'), thread);
    const source = `
      import { Worker } from 'node:worker_threads';
      new Worker(new URL('./thread.mjs', import.meta.url));`;
    assert.deepEqual(await runAlone(await program('threads', source)), [0, 'over']);
  });

  test('survives the end of the channel, and a bad period', async () => {
    const source = `
      process.on('uncaughtException', (error) => { console.log(error); process.exit(2); });
      startHeartbeat({ everyMs: 50 });
      startHeartbeat({ everyMs: NaN });
      process.disconnect();
      setTimeout(() => process.exit(7), 400);`;
    const child = fork(await program('cut', source), { execArgv: ['--import', 'tsx'] });
    const code = await new Promise((resolve) => {
      child.once('exit', resolve);
    });
    assert.equal(code, 7);
  });

  test('sends no second beat while nobody takes the first', async () => {
    const source = `
      let sent = 0;
      process.send = () => { sent += 1; return false; };
      startHeartbeat({ everyMs: 50 });
      setTimeout(() => { console.log(sent); process.exit(0); }, 400);`;
    const file = await program('full', source);
    const child = fork(file, { execArgv: ['--import', 'tsx'], silent: true });
    let out = '';
    child.stdout?.on('data', (chunk) => (out += String(chunk)));
    await new Promise((resolve) => {
      child.once('close', resolve);
    });
    assert.equal(out.trim(), '1');
  });
});
