import assert from 'node:assert/strict';
import {
  chmod,
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { freePort, Pm2Sandbox, type Ran } from '../support/pm2-sandbox.ts';
import { until } from '../support/until.ts';
import { statusOf } from '../support/vite-app.ts';

const root = join(import.meta.dirname, '../..');

/** Runs a command in a folder of its own, where the sandbox runs everything at the top of this one. */
const IN_FOLDER = 'cd "$0" && exec "$@"';

describe('from an empty project to a page that is watched', () => {
  let sandbox: Pm2Sandbox;
  let dir: string;
  let port: number;

  before(async () => {
    [sandbox, port] = await Promise.all([Pm2Sandbox.create(), freePort()]);
    dir = await realpath(await mkdtemp(join(tmpdir(), 'pl-new-')));
    await cp(join(root, 'example/react-app'), dir, {
      recursive: true,
      filter: (source) => !source.includes('node_modules'),
    });
    await writeFile(
      join(dir, 'vite.config.ts'),
      (await readFile(join(dir, 'vite.config.ts'), 'utf8')).replace(
        'clearScreen',
        `server: { port: ${port} },\n  clearScreen`,
      ),
    );
    await linkPackages();
  });

  after(async () => {
    await sandbox.destroy();
    await rm(dir, { recursive: true, force: true, maxRetries: 5 });
  });

  /** As `npm install` leaves it, with this package among the others. */
  async function linkPackages(): Promise<void> {
    const own = join(dir, 'node_modules');
    await mkdir(own);
    const names = await readdir(join(root, 'node_modules'));
    for (const name of names.filter((each) => !each.startsWith('.') && each !== 'pm2-liveness')) {
      await symlink(await realpath(join(root, 'node_modules', name)), join(own, name));
    }
    await symlink(root, join(own, 'pm2-liveness'));
    await mkdir(join(own, '.bin'));
    await chmod(join(root, 'dist/cli/main.js'), 0o755);
    await symlink('../pm2-liveness/dist/cli/main.js', join(own, '.bin/pm2-liveness'));
    await symlink('../pm2/bin/pm2', join(own, '.bin/pm2'));
  }

  function type(...words: readonly string[]): Promise<Ran> {
    return sandbox.run('sh', ['-c', IN_FOLDER, dir, ...words]);
  }

  /** As a person types it; `--no`: never from a registry. */
  function liveness(...words: readonly string[]): Promise<Ran> {
    return type('npx', '--no', '--', 'pm2-liveness', ...words);
  }

  test('init writes the file, and says what to type next', async () => {
    const { exitCode, text } = await liveness('init', '--yes');
    assert.equal(exitCode, 0, text);
    assert.match(text, /^\+ {6}script: 'node_modules\/vite\/bin\/vite\.js',$/m);
    assert.match(text, new RegExp(`^\\+ {6}args: '--port ${port} --strictPort',$`, 'm'));
    assert.match(text, /^ {2}npx pm2 start ecosystem\.config\.cjs$/m);
  });

  test('that typed, the page is served, and watched', async () => {
    const { exitCode, text } = await type(
      'npx',
      '--no',
      '--',
      'pm2',
      'start',
      'ecosystem.config.cjs',
    );
    assert.equal(exitCode, 0, text);
    await sandbox.reaches('pm2-liveness-example', 'healthy', 60_000);
    assert.equal(await statusOf(`http://localhost:${port}/`, 2_000), 200);
    assert.equal((await liveness('status')).exitCode, 0);
  });

  test('what init has set up, the doctor finds nothing wrong with but the reboot', async () => {
    const { out } = await liveness('doctor', '--json');
    const { findings } = JSON.parse(out) as { findings: { check: string; state: string }[] };
    assert.deepEqual(
      findings
        .filter(({ state }) => state === 'bad')
        .map(({ check }) => check)
        .filter((check) => check !== 'boot'),
      ['saved list'],
    );
  });

  test('describe names the file in which the source is broken, and exits with 1', async () => {
    const file = join(dir, 'src/App.tsx');
    await writeFile(file, `${await readFile(file, 'utf8')}\nexport const broken = ;\n`);
    const { exitCode, out } = await until(
      'describe tells of the source',
      async () => {
        const ran = await liveness('describe', 'pm2-liveness-example');
        return ran.exitCode === 1 && /degraded/.test(ran.out) && ran;
      },
      // The modules are checked once a minute.
      { withinMs: 90_000, everyMs: 3_000 },
    );
    assert.equal(exitCode, 1);
    const why = /^ {2}Why +(.*(?:\n {13}.*)*)/m.exec(out)?.[1]?.replace(/\n +/g, ' ') ?? '';
    assert.match(why, /source/, out);
    assert.match(why, /src\/App\.tsx/, out);
    assert.equal((await sandbox.app('pm2-liveness-example')).pm2_env.restart_time, 0);
  });
});
