import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { scenario } from '../support/scenario.ts';
import { freePort, type App, type Pm2Sandbox } from '../support/pm2-sandbox.ts';
import { smallServer } from '../support/small-server.ts';
import { until } from '../support/until.ts';

/** Answers that are made to be slow: for an expression, as an error page, and as a module. */
const SERVER = `
import { createServer } from 'node:http';
const page = '<script ' .repeat(65_536);
const index = '<script type="module" src="/@vite/client"></script><script type="module" src="/src/main.js"></script>';
const imports = Array.from({ length: 40_000 }, (_, at) => 'import"/' + at + '"').join(';');
createServer((request, response) => {
  if (request.headers.accept === 'text/x-vite-ping') return response.writeHead(204).end();
  if (process.env.KIND === 'expression') return response.end('a'.repeat(60) + Date.now() + '!');
  if (process.env.KIND === 'page') return response.writeHead(500).end(page);
  if (request.url === '/') return response.writeHead(200, { 'content-type': 'text/html' }).end(index);
  if (request.url === '/src/main.js') {
    return response.writeHead(200, { 'content-type': 'text/javascript' }).end(imports);
  }
  response.writeHead(404).end();
}).listen(Number(process.env.PORT), '127.0.0.1');
`;

/** Apps in observe mode, watched closely: restarts are not tested here. */
const TOLD = { period: '300ms', timeout: '2s', action: 'observe' } as const;

/** Two missed probes and the time between, PM2's kill timeout and a start, on a machine with others to serve. */
const BOUND_MS = 10_000;

scenario(27, '', async (stage) => {
  const sandbox = await stage.pm2();
  const script = join(sandbox.home, 'slow.mjs');
  await writeFile(script, SERVER);
  const other = await smallServer(sandbox, 'other');
  await sandbox.start(
    other,
    // One more that is well: two failing of four would be a mass failure, and held.
    await smallServer(sandbox, 'well'),
    await slow(script, 'expression', (url) => ({ http: { url, body: '/^(\\w+\\s?)*$/' } })),
    await slow(script, 'page', (url) => ({ vite: { url, deepPeriod: '1s' } })),
    await slow(script, 'module', (url) => ({ vite: { url, deepPeriod: '1s' } })),
  );
  await sandbox.reaches('other', 'healthy');
  await names(sandbox, 'expression', /`body` takes more than 100 ms on the answer of the app/);
  await names(sandbox, 'page', /the page answered 500 .*and the page is not Vite's own/);
  await names(sandbox, 'module', /\/?\d+ is not there \(404\) \(imported by src\/main\.js\)/);

  const { pid } = await sandbox.app('other');
  const beganAt = performance.now();
  process.kill(pid, 'SIGSTOP');
  await until('the other is restarted', async () => (await sandbox.app('other')).pid !== pid);
  const back = await sandbox.reaches('other', 'healthy');
  const ms = performance.now() - beganAt;
  assert.ok(ms < BOUND_MS, `back after ${ms} ms`);
  for (const kind of ['well', 'expression', 'page', 'module']) {
    assert.equal((await sandbox.app(kind)).pm2_env.restart_time, 0);
  }
  assert.doesNotMatch(await sandbox.output('pm2-liveness'), /the monitor itself was held up/);
  return { restarts: back.restarts.total, to200Ms: ms, final: back.state };
});

/** An app whose answers are slow to judge in one way. */
async function slow(
  script: string,
  kind: string,
  probe: (url: string) => Readonly<Record<string, unknown>>,
): Promise<App> {
  const port = await freePort();
  const env = { PORT: String(port), KIND: kind };
  return {
    name: kind,
    script,
    env,
    env_liveness: { ...TOLD, ...probe(`http://127.0.0.1:${port}/`) },
  };
}

/** Waits until the sentence on an app says why nothing good is known of it. */
async function names(sandbox: Pm2Sandbox, name: string, sentence: RegExp): Promise<void> {
  await until(`${name} is named`, async () => {
    const { last, summary } = await sandbox.target(name);
    if (sentence.test(`${last?.detail} ${summary}`)) return true;
    throw new Error(`${summary} (${last?.detail})`);
  });
}
