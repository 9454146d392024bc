import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, describe, test } from 'node:test';
import { createOsReader } from '../../../src/os/create-reader.ts';
import { findPortProxy } from '../../../src/diagnosis/port-proxy.ts';

const NAMES = new Set([basename(process.execPath), 'docker-proxy']);
const isLinux = process.platform === 'linux';

describe('the program of a process', { skip: !isLinux }, () => {
  const reader = createOsReader('linux');
  const dir = mkdtempSync(join(tmpdir(), 'pl-program-'));
  const children: ChildProcess[] = [];

  after(() => {
    for (const child of children) child.kill('SIGKILL');
    rmSync(dir, { recursive: true, force: true });
  });

  function start(file: string, argv0 = file): number {
    const child = spawn(file, ['-e', 'setInterval(() => {}, 1e6)'], { argv0, stdio: 'ignore' });
    const { pid = 0 } = child;
    assert.ok(pid > 0);
    children.push(child);
    return pid;
  }

  async function programOf(pid: number, names = NAMES): Promise<string | null | undefined> {
    return (await reader.program?.(pid, names))?.path;
  }

  test('is its file, with any name of the process', async () => {
    const pid = start(process.execPath, '/usr/bin/docker-proxy');
    assert.match((await programOf(pid)) ?? '', new RegExp(`/${basename(process.execPath)}$`));
    assert.equal(await programOf(pid, new Set(['docker-proxy'])), undefined);
    const link = join(dir, 'docker-proxy');
    symlinkSync(process.execPath, link);
    assert.equal(await programOf(start(link), new Set(['docker-proxy'])), undefined);
  });

  test('in a folder that anybody may write to, is anybody’s', async () => {
    const bin = join(dir, 'bin');
    mkdirSync(bin);
    chmodSync(bin, 0o777);
    const copy = join(bin, 'docker-proxy');
    copyFileSync(process.execPath, copy);
    chmodSync(copy, 0o755);
    const pid = start(copy);
    assert.deepEqual(await reader.program?.(pid, NAMES), { path: copy, owners: null });
    const uid = process.getuid?.() ?? 0;
    assert.equal(await findPortProxy({ pid, uid }, uid, reader), null);
  });

  test('of the system is of those who own it and the folders above it', async () => {
    const program = await reader.program?.(start(process.execPath), NAMES);
    assert.ok(program);
    assert.ok(program.owners === null || program.owners.includes(statSync('/').uid));
  });

  test('that is not there is none', async () => {
    assert.equal(await reader.program?.(999_999_999, NAMES), null);
  });

  test('that shows its descriptors hides none', async () => {
    assert.deepEqual(await reader.closed?.([process.pid, 999_999_999]), []);
  });
});
