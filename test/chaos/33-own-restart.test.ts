import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort, type App, type Pm2Sandbox } from '../support/pm2-sandbox.ts';
import { scenario } from '../support/scenario.ts';
import { holds, until } from '../support/until.ts';
import { FAST } from '../support/watched-vite.ts';

/** How long a port is closed while the app restarts a process of its own. */
const CLOSED_MS = 6_000;

/**
 * Serves from a child. `/again` has the child replaced: with `WAY` `late` by one that listens only after
 * 6 s, with `gap` by one that is started only then. `/leave` ends it for good, while a process is started
 * every second beside it; with `/hang` the same, and the child does not answer any more.
 */
const PARENT = `
import { fork, spawn } from 'node:child_process';
const { WAY } = process.env;
let child;
const beside = () => setInterval(() => spawn('sleep', ['1']), 1000);
const start = (wait) => {
  child = fork(new URL('child.mjs', import.meta.url), { env: { ...process.env, WAIT: String(wait) } });
  child.on('message', (what) => {
    if (what === '/again') {
      child.kill('SIGKILL');
      if (WAY === 'gap') setTimeout(start, ${CLOSED_MS}, 0);
      else start(${CLOSED_MS});
    }
    if (what === '/leave') child.kill('SIGKILL');
    if (what !== '/again') beside();
  });
};
start(0);
`;

const CHILD = `
import { createServer } from 'node:http';
let isHung = false;
const server = createServer((request, response) => {
  if (isHung) return;
  response.end('hello');
  if (request.url === '/') return;
  isHung = request.url === '/hang';
  process.send(request.url);
});
setTimeout(() => server.listen(Number(process.env.PORT), '127.0.0.1'), Number(process.env.WAIT));
process.on('disconnect', () => process.exit());
`;

/** A page that \`node --watch\` serves; a word that is none makes it end at once. */
const PAGE = `
import { createServer } from 'node:http';
createServer((request, response) => response.end('hello')).listen(Number(process.env.PORT), '127.0.0.1');
`;

interface Served extends App {
  readonly port: number;
}

/** Apps in a PM2 of its own that serve from a child, each healthy. */
async function serve(
  sandbox: Pm2Sandbox,
  ways: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
): Promise<Readonly<Record<string, Served>>> {
  const script = join(sandbox.home, 'parent.mjs');
  await writeFile(script, PARENT);
  await writeFile(join(sandbox.home, 'child.mjs'), CHILD);
  const apps: Served[] = [];
  for (const [name, block] of Object.entries(ways)) {
    const port = await freePort();
    const env_liveness = { ...FAST, http: `http://127.0.0.1:${port}/`, ...block };
    apps.push({ name, port, script, env: { PORT: String(port), WAY: name }, env_liveness });
  }
  await sandbox.start(...apps);
  for (const { name } of apps) await sandbox.reaches(name, 'healthy', 60_000);
  return Object.fromEntries(apps.map((app) => [app.name, app]));
}

async function ask(app: Served | undefined, path: string): Promise<void> {
  assert.ok(app !== undefined);
  await fetch(`http://127.0.0.1:${app.port}${path}`, { signal: AbortSignal.timeout(5_000) });
}

/** Whether it answers its page. */
function serves(app: Served): Promise<boolean> {
  return ask(app, '/').then(
    () => true,
    () => false,
  );
}

async function restartsOf(sandbox: Pm2Sandbox, name: string): Promise<number> {
  return (await sandbox.target(name)).restarts.total;
}

scenario(33, 'its child replaced, 6 s closed, twice', async (stage) => {
  const sandbox = await stage.pm2();
  const apps = await serve(sandbox, { late: {}, gap: {} });
  for (let times = 0; times < 2; times += 1) {
    await Promise.all(
      Object.values(apps).map(async (app) => {
        await ask(app, '/again');
        await until(`${app.name} is closed`, async () => !(await serves(app)), { withinMs: 5_000 });
        await until(`${app.name} serves again`, () => serves(app), { withinMs: 40_000 });
        await sandbox.reaches(app.name, 'healthy', 60_000);
      }),
    );
  }
  for (const name of Object.keys(apps)) {
    assert.equal(await restartsOf(sandbox, name), 0);
    assert.equal((await sandbox.target(name)).incident, null);
  }
  return { restarts: 0, to200Ms: null, final: 'healthy' };
});

scenario(
  33,
  'no hole: a closed port and a hang beside processes that come and go',
  async (stage) => {
    const sandbox = await stage.pm2();
    const apps = await serve(sandbox, {
      leave: { startupTimeout: '8s' },
      hang: { busyGrace: '1s' },
    });
    await Promise.all([ask(apps['leave'], '/leave'), ask(apps['hang'], '/hang')]);
    const beganAt = performance.now();
    const restarted = async (name: string, withinMs: number): Promise<void> => {
      const isSo = async (): Promise<boolean> => (await restartsOf(sandbox, name)) === 1;
      await until(`${name} is restarted`, isSo, { withinMs });
    };
    // Three probes of 1 s, or the time of one start, and the slot that both share.
    await Promise.all([restarted('hang', 90_000), restarted('leave', 90_000)]);
    const to200Ms = performance.now() - beganAt;
    await sandbox.reaches('leave', 'healthy', 60_000);
    return { restarts: 2, to200Ms, final: 'healthy' };
  },
);

scenario(33, 'node --watch waits for a saved file', async (stage) => {
  const sandbox = await stage.pm2();
  const port = await freePort();
  const page = join(sandbox.home, 'page.mjs');
  await writeFile(page, PAGE);
  await sandbox.start({
    name: 'web',
    script: process.execPath,
    args: ['--watch', page],
    interpreter: 'none',
    env: { PORT: String(port) },
    env_liveness: { ...FAST, http: `http://127.0.0.1:${port}/` },
  });
  await sandbox.reaches('web', 'healthy', 60_000);
  await new Promise((resolve) => setTimeout(resolve, 11_000));
  await writeFile(page, `${PAGE}\nconst broken = (;\n`);
  const { summary, last } = await sandbox.reaches('web', 'degraded', 60_000);
  assert.equal(last?.class, 'source');
  assert.match(
    summary,
    /node --watch \(pid \d+\) waits until a file is saved: .*page\.mjs:\d+ SyntaxError/,
  );
  await holds('it is left alone', 5_000, async () => {
    const { incident, restarts } = await sandbox.target('web');
    return incident?.cause === 'source' && restarts.total === 0;
  });
  await writeFile(page, PAGE);
  await sandbox.reaches('web', 'healthy', 60_000);
  assert.equal(await restartsOf(sandbox, 'web'), 0);
  return { restarts: 0, to200Ms: null, final: 'healthy' };
});
