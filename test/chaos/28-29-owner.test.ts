import assert from 'node:assert/strict';
import { constants, statSync } from 'node:fs';
import { chmod, copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { findUser } from '../../src/os/users/user-names.ts';
import { foreignServer, type Foreign } from '../support/foreign-server.ts';
import { freePort, type Pm2Sandbox } from '../support/pm2-sandbox.ts';
import { scenario, type Figures, type Stage } from '../support/scenario.ts';
import { holds, until } from '../support/until.ts';

const root = new URL('../..', import.meta.url).pathname;
const isRoot = process.getuid?.() === 0;

/** Where this machine does not let the fault be played. */
const NOT_HERE: Figures = { restarts: 0, to200Ms: null, final: 'not played: needs root' };

/** An app that runs on after it has given its port away (`/leave`). */
const SERVER = `
import { createServer } from 'node:http';
const server = createServer((request, response) => {
  response.statusCode = 204;
  response.end();
  if (request.url === '/leave') {
    server.close();
    setInterval(() => {}, 1_000);
  }
});
server.listen(Number(process.env.PORT), process.env.HOST);
`;

const QUICK = { period: '500ms', timeout: '500ms', failureThreshold: 2 } as const;

/** The port of an app on a host, which is probed at `url` and is healthy. */
async function serve(
  sandbox: Pm2Sandbox,
  name: string,
  host: string,
  block: Readonly<Record<string, unknown>>,
): Promise<number> {
  const port = await freePort();
  const script = join(sandbox.home, 'web.mjs');
  await writeFile(script, SERVER);
  const env = { PORT: String(port), HOST: host };
  await sandbox.start({ name, script, env, env_liveness: { ...QUICK, ...block } });
  await sandbox.reaches(name, 'healthy');
  return port;
}

scenario(28, '', async (stage) => {
  const sandbox = await stage.pm2();
  const figures: Figures[] = [];
  for (const [name, url, own, other] of [
    ['six', 'http://localhost:${PORT}/', '::1', '127.0.0.1'],
    ['four', 'http://x.LOCALHOST.:${PORT}/', '127.0.0.1', '::1'],
  ] as const) {
    const port = await serve(sandbox, name, own, { http: url });
    const stranger = await foreignServer(stage, port, { host: other, status: 204 });
    const { pid } = await sandbox.app(name);
    process.kill(pid, 'SIGSTOP');
    const stoppedAt = performance.now();
    await until('it is restarted', async () => (await sandbox.app(name)).pid !== pid);
    const { restarts, state } = await sandbox.reaches(name, 'healthy');
    figures.push({ restarts: 1, to200Ms: performance.now() - stoppedAt, final: state });
    assert.equal(restarts.total, 1);
    const named = new RegExp(`probed at ${own} only: .* process ${stranger.pid} `);
    assert.match((await sandbox.target(name)).summary, named);
    assert.equal(stranger.exitCode, null);
    await sandbox.pm2('delete', name);
  }
  return figures[0] ?? assert.fail('nothing was played');
});

/** The app gives its port away between two probes, and somebody takes it and answers as well. */
async function taken(
  stage: Stage,
  sandbox: Pm2Sandbox,
  name: string,
  foreign: Foreign,
  named: (pid: number | undefined) => RegExp,
): Promise<void> {
  const block = { http: 'http://127.0.0.1:${PORT}/', period: '2s' };
  const port = await serve(sandbox, name, '127.0.0.1', block);
  const { pid } = await sandbox.app(name);
  const taking = foreignServer(stage, port, { ...foreign, status: 204 });
  await fetch(`http://127.0.0.1:${port}/leave`);
  const stranger = await taking;
  const { last, summary, restarts } = await sandbox.reaches(name, 'degraded', 30_000);
  assert.equal(last?.class, 'impostor');
  assert.match(summary, named(stranger.pid));
  assert.equal(restarts.total, 0);
  assert.equal(stranger.exitCode, null);
  assert.equal((await sandbox.app(name)).pid, pid);
}

scenario(
  29,
  'a stranger between two probes, and two that call themselves docker-proxy',
  async (stage) => {
    const sandbox = await stage.pm2();
    const dir = await mkdtemp(join(tmpdir(), 'pl-proxy-'));
    stage.defer(() => rm(dir, { recursive: true, force: true }));
    const script = join(dir, 'docker-proxy');
    const program = join(dir, 'bin', 'docker-proxy');
    await mkdir(dirname(program));
    await chmod(dirname(program), 0o777);
    await copyFile(process.execPath, program, constants.COPYFILE_FICLONE);
    await chmod(program, 0o755);
    const isNamed = (pid: number | undefined): RegExp =>
      new RegExp(`is held by process ${pid} \\(.*\\), which is not `);
    await Promise.all([
      taken(stage, sandbox, 'web', {}, isNamed),
      taken(stage, sandbox, 'by-its-script', { script }, isNamed),
      taken(stage, sandbox, 'by-its-file', { program }, isNamed),
    ]);
    await holds('and all is left alone', 2_000, async () => {
      const targets = (await sandbox.status())?.targets ?? [];
      return targets.every(({ state, restarts }) => state === 'degraded' && restarts.total === 0);
    });
    return { restarts: 0, to200Ms: null, final: 'degraded' };
  },
);

scenario(29, 'another user’s server, and a monitor that is not root', async (stage, context) => {
  const user = await findUser('nobody');
  if (!isRoot || user === null || !isReadableByAll()) {
    context.skip('needs root, a user nobody, and a folder that he may read');
    return NOT_HERE;
  }
  const sandbox = await stage.pm2({ user });
  const ofRoot = (): RegExp => /is held by a process of root .* runs as user \d+/;
  await taken(stage, sandbox, 'web', {}, ofRoot);
  return { restarts: 0, to200Ms: null, final: 'degraded' };
});

/** Whether everybody may go into this project's folder, and into Node's. */
function isReadableByAll(): boolean {
  return [join(root, 'dist/main.js'), process.execPath].every((path) => {
    for (let at = path; at !== dirname(at); at = dirname(at)) {
      if ((statSync(at).mode & 0o001) === 0 && at !== path) return false;
    }
    return true;
  });
}
