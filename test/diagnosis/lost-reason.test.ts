import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { findLostReason } from '../../src/diagnosis/lost-reason.ts';
import { isPathMissing, missingPathOf } from '../../src/os/missing-path.ts';
import { managed } from '../support/fake-pm2.ts';

describe('why PM2 could not start an app', () => {
  let home: string;
  let env: Record<string, unknown>;

  before(async () => {
    home = await mkdtemp(join(tmpdir(), 'pl-why-'));
    for (const folder of ['app', 'logs', 'bin']) await mkdir(join(home, folder));
    for (const file of ['app/a.js', 'bin/py']) await writeFile(join(home, file), '');
    env = {
      pm_cwd: join(home, 'app'),
      pm_exec_path: join(home, 'app/a.js'),
      exec_interpreter: join(home, 'bin/py'),
      pm_out_log_path: join(home, 'logs/o.log'),
      pm_err_log_path: '/dev/null',
      PATH: `${join(home, 'nowhere')}:${join(home, 'bin')}`,
    };
  });
  after(() => rm(home, { recursive: true, force: true }));

  const find = (more: Record<string, unknown> = {}, said = '') =>
    findLostReason(managed({ env: { ...env, ...more } }), said, home);

  for (const [what, key, path] of [
    ['its folder', 'pm_cwd', 'gone'],
    ['its interpreter', 'exec_interpreter', 'bin/gone'],
    ['its script', 'pm_exec_path', 'app/gone.js'],
    ['its log folder', 'pm_out_log_path', 'gone/o.log'],
  ] as const) {
    test(`${what} is missing`, async () => {
      const wanted = key === 'pm_out_log_path' ? join(home, 'gone') : join(home, path);
      assert.deepEqual(await find({ [key]: join(home, path) }), {
        detail: `PM2 could not start it: ${what} ${wanted} is missing`,
        missing: wanted,
      });
    });
  }

  test('an interpreter is searched in PATH, and is unknown without one', async () => {
    assert.equal(await missingPathOf({ ...env, exec_interpreter: 'py' }), null);
    const gone = { ...env, exec_interpreter: 'python9' };
    assert.equal((await missingPathOf(gone))?.path, 'python9');
    assert.equal(await isPathMissing(gone, 'python9'), true);
    assert.equal(await isPathMissing(gone, 'py'), false);
    assert.equal(await missingPathOf({ ...gone, PATH: undefined }), null);
  });

  test('PM2’s answer to us tells', async () => {
    const said = `pm2 restart: ENOENT: no such file or directory, open '${home}/logs/o.log'`;
    const wanted = `PM2 could not start it: its log folder ${home}/logs was missing`;
    assert.deepEqual(await find({}, said), { detail: wanted, missing: null });
  });

  for (const [line, detail] of [
    ['PM2 error: Trace: Error: spawn ENOMEM', 'no memory was left (ENOMEM)'],
    [
      "Trace: [Error: EMFILE: too many open files, open 'LOG'] {",
      'no file descriptors were left (EMFILE)',
    ],
    ['PM2 error: Error: spawn PY EACCES', 'no permission for PY'],
    [
      'Process could not be forked properly, check your system health',
      'the system could not start a process for it',
    ],
    ["Trace: [Error: EMFILE: too many open files, open '/other.log'] {", null],
    ['PM2 error: Error: spawn /other/program ENOENT', null],
    ['all is well', null],
  ] as const) {
    test(`PM2's log tells: ${line}`, async () => {
      const here = (text: string): string =>
        text.replace('LOG', join(home, 'logs/o.log')).replace('PY', join(home, 'bin/py'));
      const start = 'PM2 log: App [web:0] starting in -fork mode-';
      const log = ['Error: spawn ENOSPC', start, 'App [x:1] online', here(line), ''];
      await writeFile(join(home, 'pm2.log'), log.join('\n'));
      const found = await find();
      assert.equal(
        found?.detail,
        detail === null ? undefined : `PM2 could not start it: ${here(detail)}`,
      );
    });
  }

  test('a log that is not there, or has nothing of the app, tells nothing', async () => {
    await writeFile(join(home, 'pm2.log'), 'Error: spawn ENOMEM\n');
    assert.equal(await find(), null);
    await rm(join(home, 'pm2.log'));
    assert.equal(await find(), null);
  });
});
