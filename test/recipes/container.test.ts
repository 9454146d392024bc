import assert from 'node:assert/strict';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { after, before, describe, test } from 'node:test';
import { execa } from 'execa';
import type { StatusDocument, TargetStatus } from '../../src/report/status.ts';
import { freePort } from '../support/pm2-sandbox.ts';
import { until } from '../support/until.ts';

const { resolve } = createRequire(import.meta.url);
const runtime = resolve('pm2/bin/pm2-runtime');
const program = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const monitor = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

const canUnshare = spawnSync('unshare', ['-pf', '--mount-proc', 'true']).status === 0;

/** A pid namespace, as a container has one; without images, which an engine would need the network for. */
describe(
  'pm2-runtime as the first process of a container',
  {
    skip: canUnshare ? false : 'this system lets nobody make a pid namespace here',
  },
  () => {
    let home = '';
    let port = 0;
    let container: ChildProcess;
    let env: Record<string, string | undefined> = {};

    before(async () => {
      home = await mkdtemp(join(tmpdir(), 'pl-'));
      port = await freePort();
      await writeFile(join(home, 'touch'), '');
      const app = join(home, 'api.mjs');
      const code = `import { createServer } from 'node:http';
      createServer((_request, answer) => answer.end(String(process.pid))).listen(${port}, '127.0.0.1');`;
      await writeFile(app, code);
      const fast = {
        period: '500ms',
        fastPeriod: '300ms',
        timeout: '500ms',
        startupPeriod: '200ms',
      };
      const apps = [
        {
          name: 'api',
          script: app,
          env_liveness: { http: `http://127.0.0.1:${port}/`, ...fast },
        },
        {
          name: 'pm2-liveness',
          script: monitor,
          pmx: false,
          kill_timeout: 5000,
          restart_delay: 2000,
        },
      ];
      const file = join(home, 'ecosystem.config.cjs');
      await writeFile(file, `module.exports = ${JSON.stringify({ apps })};`);
      const inherited = Object.entries(process.env).filter(
        ([name]) => !/^(npm_|pm2_|pm_|NODE_TEST|NODE_OPTIONS|LIVENESS_)/i.test(name),
      );
      env = { ...Object.fromEntries(inherited), PM2_HOME: home };
      const args = ['-pf', '--mount-proc', '--kill-child', process.execPath, runtime, file];
      container = spawn('unshare', args, { env, cwd: home, stdio: 'ignore' });
      await reaches('healthy');
    });

    after(async () => {
      if (container.exitCode === null && container.signalCode === null) container.kill('SIGKILL');
      await rm(home, { recursive: true, force: true, maxRetries: 5 });
    });

    /** Runs our program inside, as `docker exec` does. */
    const inside = async (
      ...words: string[]
    ): Promise<{ code: number | undefined; out: string }> => {
      const first = await firstPid();
      const args = ['-t', String(first), '-p', '-m', process.execPath, program, ...words];
      const { exitCode, stdout } = await execa('nsenter', args, {
        env,
        cwd: home,
        reject: false,
        extendEnv: false,
      });
      return { code: exitCode, out: stdout };
    };

    /** The pid outside of the container's first process. */
    const firstPid = async (): Promise<number> =>
      until('the container has a first process', async () => {
        const path = `/proc/${container.pid}/task/${container.pid}/children`;
        return Number((await readFile(path, 'utf8')).split(' ')[0]) || null;
      });

    const target = async (): Promise<TargetStatus | null> => {
      const { out } = await inside('status', '--json');
      if (!out.startsWith('{')) return null;
      const { targets } = JSON.parse(out) as StatusDocument;
      return targets[0] ?? null;
    };

    const reaches = (state: string): Promise<TargetStatus> =>
      until(
        `the app is ${state}`,
        async () => {
          const seen = await target();
          return seen?.state === state ? seen : null;
        },
        { withinMs: 60_000 },
      );

    const answer = async (): Promise<string> => {
      const signal = AbortSignal.timeout(500);
      return fetch(`http://127.0.0.1:${port}/`, { signal }).then(
        (got) => got.text(),
        () => '',
      );
    };

    test('a hang is fixed', async () => {
      const before = Number(await answer());
      const first = await firstPid();
      await execa('nsenter', ['-t', String(first), '-p', '-m', 'kill', '-STOP', String(before)]);
      await until(
        'another process answers',
        async () => {
          const now = Number(await answer());
          return now > 0 && now !== before;
        },
        { withinMs: 30_000 },
      );
      assert.equal((await reaches('healthy')).restarts.total, 1);
    });

    test('check --all is a health check of it, with exit code 0', async () => {
      const { code, out } = await inside('check', '--all');
      assert.equal(code, 0, out);
      assert.match(out, /^api +ok/m);
    });

    test('the doctor finds nothing wrong: no saved list is needed', async () => {
      const { out } = await inside('doctor', '--json');
      const { findings } = JSON.parse(out) as { findings: { check: string; state: string }[] };
      assert.deepEqual(
        findings.filter(({ state }) => state === 'bad'),
        [],
      );
      assert.ok(findings.some(({ check, state }) => check === 'boot' && state === 'note'));
    });

    test('SIGTERM ends all of it, as docker stop does', async () => {
      process.kill(await firstPid(), 'SIGTERM');
      await once(container, 'exit', { signal: AbortSignal.timeout(15_000) });
      assert.equal(await answer(), '');
    });
  },
);
