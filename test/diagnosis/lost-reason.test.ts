import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { createLostLook } from '../../src/diagnosis/lost-reason.ts';
import { obstaclesOf } from '../../src/os/obstacles.ts';
import { managed } from '../support/fake-pm2.ts';

describe('why PM2 could not start an app', () => {
  let home: string;
  let env: Record<string, unknown>;

  before(async () => {
    home = await mkdtemp(join(tmpdir(), 'pl-why-'));
    for (const folder of ['app', 'logs', 'bin']) await mkdir(join(home, folder));
    for (const file of ['app/a.js', 'bin/py'])
      await writeFile(join(home, file), '', { mode: 0o755 });
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
    createLostLook(home).findReason(managed({ env: { ...env, ...more } }), said, false);

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

  test('several are missing: all are named, and checked again', async () => {
    const more = { pm_exec_path: join(home, 'gone.js'), pm_out_log_path: join(home, 'no/o.log') };
    const both = `${home}/gone.js and ${home}/no`;
    assert.deepEqual(await find(more), {
      detail: `PM2 could not start it: its script ${home}/gone.js is missing, its log folder ${home}/no is missing`,
      missing: both,
    });
    const { isMissing } = createLostLook(home);
    const app = managed({ env: { ...env, ...more } });
    assert.equal(await isMissing(app, both), true);
    await writeFile(join(home, 'gone.js'), '');
    assert.equal(await isMissing(app, both), false);
  });

  test('what is there may still be of no use', async () => {
    const file = join(home, 'bin/py');
    await symlink(join(home, 'nowhere'), join(home, 'bin/dangling'));
    await mkdir(join(home, 'logs/folder.log'), { recursive: true });
    await chmod(file, 0o644);
    const wrong = async (more: Record<string, unknown>): Promise<readonly string[]> =>
      (
        await obstaclesOf({ ...env, exec_interpreter: 'none', pm_exec_path: '/bin/sh', ...more })
      ).map(({ what, problem }) => `${what} ${problem}`);
    assert.deepEqual(await wrong({}), []);
    assert.deepEqual(await wrong({ pm_out_log_path: join(file, 'o.log') }), [
      'its log folder is not a folder',
    ]);
    assert.deepEqual(await wrong({ pm_out_log_path: join(home, 'logs/folder.log') }), [
      'its log file is a folder',
    ]);
    assert.deepEqual(await wrong({ pm_cwd: file }), ['its folder is not a folder']);
    assert.deepEqual(await wrong({ exec_interpreter: join(home, 'bin/dangling') }), [
      'its interpreter is missing',
    ]);
    assert.deepEqual(await wrong({ exec_interpreter: file }), [
      'its interpreter may not be executed',
    ]);
    assert.deepEqual(await wrong({ pm_exec_path: file }), ['its script may not be executed']);
    await chmod(file, 0o755);
  });

  test('a restart of PM2’s own must be seen to have failed in its log', async () => {
    const { findReason } = createLostLook(home);
    const app = managed({ env: { ...env, pm_out_log_path: join(home, 'gone/o.log') } });
    const failed = `App [web:0] starting in -fork mode-\nENOENT: no such file, open '${home}/gone/o.log'\n`;
    for (const [log, isProven] of [
      ['', false],
      [failed, true],
      [`${failed}Stopping app:web id:0\n`, false],
      [`${failed}Stopping app:other id:0\n`, true],
      [`${failed}App [web:0] starting in -fork mode-\nApp [web:0] online\n`, false],
    ] as const) {
      await writeFile(join(home, 'pm2.log'), log);
      assert.equal((await findReason(app, '', true)) !== null, isProven, log);
    }
  });

  test('an interpreter is searched in PATH, and is unknown without one', async () => {
    const pathsOf = async (more: Record<string, unknown>): Promise<readonly string[]> =>
      (await obstaclesOf({ ...env, ...more })).map(({ path }) => path);
    assert.deepEqual(await pathsOf({ exec_interpreter: 'py' }), []);
    assert.deepEqual(await pathsOf({ exec_interpreter: 'python9' }), ['python9']);
    assert.deepEqual(await pathsOf({ exec_interpreter: 'python9', PATH: undefined }), []);
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
