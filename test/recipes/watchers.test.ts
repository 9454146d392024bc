import assert from 'node:assert/strict';
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, describe, test } from 'node:test';
import { createOsReader } from '../../src/os/create-reader.ts';
import { freePort, Pm2Sandbox, type App } from '../support/pm2-sandbox.ts';
import { holds, until } from '../support/until.ts';

const packages = join(import.meta.dirname, '../../example/recipes/node_modules');

const SAVES = 40;
const SAVES_APART_MS = 100;

interface Watcher {
  readonly name: string;
  readonly file: string;
  readonly run: (file: string) => Pick<App, 'script' | 'args'> & { readonly interpreter?: string };
}

/** Each as PM2's own process: it ends and starts the app as a child of its own. */
const WATCHERS: readonly Watcher[] = [
  {
    name: 'nodemon',
    file: 'app.mjs',
    run: (file) => ({ script: join(packages, 'nodemon/bin/nodemon.js'), args: [file] }),
  },
  {
    name: 'tsx-watch',
    file: 'app.ts',
    run: (file) => ({ script: join(packages, 'tsx/dist/cli.mjs'), args: ['watch', file] }),
  },
  {
    name: 'node-watch',
    file: 'app.mjs',
    run: (file) => ({ script: process.execPath, args: ['--watch', file], interpreter: 'none' }),
  },
];

/** A page that says which version of its source it is. */
function page(version: number, more = ''): string {
  return `import { createServer } from 'node:http';
${more}
createServer((_, answer) => answer.end('version ${version}')).listen(Number(process.env.PORT), '127.0.0.1');
`;
}

for (const { name, file, run } of WATCHERS) {
  describe(`${name}, which restarts the app by itself`, () => {
    let sandbox: Pm2Sandbox;
    let folder: string;
    let port: number;

    before(async () => {
      [sandbox, port] = await Promise.all([Pm2Sandbox.create(), freePort()]);
      folder = await realpath(await mkdtemp(join(tmpdir(), `pl-${name}-`)));
      await mkdir(join(folder, 'home'));
      await writeFile(join(folder, 'package.json'), '{"type":"module"}');
      await save(page(0));
      await sandbox.startMonitor();
      await sandbox.start({
        name,
        cwd: folder,
        env: { PORT: String(port), HOME: join(folder, 'home') },
        ...run(file),
        env_liveness: {
          http: `http://127.0.0.1:${port}/`,
          period: '1s',
          timeout: '1s',
          failureThreshold: 3,
        },
      });
      await serves(0);
      await sandbox.reaches(name, 'healthy', 90_000);
    });

    after(async () => {
      console.log((await sandbox.linesAbout(name)).join('\n'));
      await sandbox.destroy();
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    });

    function save(text: string): Promise<void> {
      return writeFile(join(folder, file), text);
    }

    async function serves(version: number): Promise<void> {
      await until(
        `version ${version} is served`,
        async () => {
          const signal = AbortSignal.timeout(2_000);
          const answer = await fetch(`http://127.0.0.1:${port}/`, { signal });
          return (await answer.text()) === `version ${version}`;
        },
        { withinMs: 120_000, everyMs: 200 },
      );
    }

    async function isUntouched(): Promise<boolean> {
      return (await sandbox.target(name)).restarts.total === 0;
    }

    /** The app has ended, and the tool waits: `source` with its reason, for as long as nothing is saved. */
    async function waitsForSave(reason: RegExp): Promise<void> {
      // For a moment its socket may be that of a process which ends, and which nobody can look into.
      const { summary, last } = await until(
        'it waits for a saved file',
        async () => {
          const target = await sandbox.target(name);
          return /waits until a file is saved/.test(target.summary) ? target : null;
        },
        { withinMs: 120_000 },
      );
      assert.equal(last?.class, 'source', summary);
      assert.match(summary, reason);
      await holds('it is left alone', 10_000, isUntouched);
    }

    async function isFixed(version: number): Promise<void> {
      await save(page(version));
      await serves(version);
      await sandbox.reaches(name, 'healthy', 60_000);
      assert.ok(await isUntouched());
    }

    test('saved 40 times in 4 s: the last version is served, and nothing is restarted', async () => {
      for (let version = 1; version <= SAVES; version += 1) {
        await save(page(version));
        await sleep(SAVES_APART_MS);
      }
      await serves(SAVES);
      await sandbox.reaches(name, 'healthy', 60_000);
      assert.ok(await isUntouched());
      assert.equal((await sandbox.app(name)).pm2_env.restart_time, 0);
    });

    test('a typo waits for a saved file', async () => {
      await save(page(100, 'const a = (;'));
      await waitsForSave(/app\.m?[jt]s:2/);
      await isFixed(101);
    });

    test('an app that throws when it starts waits for a saved file', async () => {
      await save(page(200, "setTimeout(() => { throw new Error('no database'); }, 500);"));
      await waitsForSave(/no database/);
      await isFixed(201);
    });

    test('an app that ends long after its start waits for a saved file', async () => {
      await save(page(300, "process.on('SIGUSR2', () => { throw new TypeError('no map'); });"));
      await serves(300);
      await sandbox.reaches(name, 'healthy', 60_000);
      const listeners = await createOsReader().listeners(port);
      const [pid] = listeners?.flatMap(({ pids }) => pids ?? []) ?? [];
      assert.ok(pid !== undefined && pid !== (await sandbox.app(name)).pid);
      process.kill(pid, 'SIGUSR2');
      await waitsForSave(/no map/);
      await isFixed(301);
    });

    // The last: it is no longer untouched.
    test('an app that a signal kills needs no saved file: it is restarted once', async () => {
      await sleep(5_000);
      await sandbox.reaches(name, 'healthy', 60_000);
      const listeners = await createOsReader().listeners(port);
      const [pid] = listeners?.flatMap(({ pids }) => pids ?? []) ?? [];
      assert.ok(pid !== undefined && pid !== (await sandbox.app(name)).pid);
      process.kill(pid, 'SIGKILL');
      const isAgain = async (): Promise<boolean> => !(await isUntouched());
      await until('it is restarted', isAgain, { withinMs: 60_000, everyMs: 200 });
      const { restarts } = await sandbox.reaches(name, 'healthy', 60_000);
      assert.equal(restarts.total, 1);
      const said = (await sandbox.linesAbout(name)).join('\n');
      assert.match(said, /killed or has ended without an error, no file was saved/);
    });
  });
}
