import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, describe, test } from 'node:test';
import { hasProgram } from '../../src/os/program.ts';
import { createPsCheck } from '../../src/os/ps-check.ts';
import { systemClock as clock } from '../../src/time/clock.ts';

const root = mkdtempSync(join(tmpdir(), 'pl-ps-'));
after(() => rmSync(root, { recursive: true, force: true }));

const empty = folder('empty');
const full = folder('full');
writeFileSync(join(full, 'ps'), '#!/bin/sh\n');
chmodSync(join(full, 'ps'), 0o755);

function folder(name: string): string {
  const path = join(root, name);
  mkdirSync(path);
  return path;
}

describe('a program in a PATH', { skip: process.platform === 'win32' }, () => {
  test('is found in any of its folders', async () => {
    assert.equal(await hasProgram('ps', [empty, full].join(delimiter)), true);
    assert.equal(await hasProgram('ps', [join(root, 'none'), empty].join(delimiter)), false);
  });

  test('must be a file, and may be run', async () => {
    const odd = folder('odd');
    writeFileSync(join(odd, 'text'), '', { mode: 0o644 });
    mkdirSync(join(odd, 'folder'));
    assert.equal(await hasProgram('text', odd), false);
    assert.equal(await hasProgram('folder', odd), false);
  });

  test('is searched in the usual places where there is no PATH', async () => {
    assert.equal(await hasProgram('sh', null), true);
  });
});

describe('whether ps is missing', () => {
  const ground = { platform: 'linux', clock, ownPath: full, daemonPid: async () => 0 } as const;

  test(
    'is read from the PATH of the daemon, not from ours',
    {
      skip: process.platform !== 'linux',
    },
    async () => {
      for (const [path, isMissing] of [
        [empty, true],
        [full, false],
      ] as const) {
        const child = spawn(
          process.execPath,
          ['-e', 'console.log(1); setInterval(() => {}, 1e3)'],
          {
            env: { PATH: path },
            stdio: ['ignore', 'pipe', 'ignore'],
          },
        );
        try {
          await once(child.stdout, 'data');
          const daemonPid = async (): Promise<number> => child.pid ?? 0;
          for (const ownPath of [empty, full]) {
            assert.equal(await createPsCheck({ ...ground, ownPath, daemonPid })(), isMissing);
          }
        } finally {
          child.kill('SIGKILL');
        }
      }
    },
  );

  test('is found by our own PATH where the daemon’s cannot be read', async () => {
    assert.equal(await createPsCheck({ ...ground, ownPath: empty })(), true);
    assert.equal(await createPsCheck(ground)(), false);
    assert.equal(await createPsCheck({ ...ground, platform: 'darwin', ownPath: empty })(), true);
  });

  test('is no question on Windows', async () => {
    assert.equal(await createPsCheck({ ...ground, platform: 'win32', ownPath: empty })(), false);
  });
});
