import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../support/pm2-sandbox.ts';
import { scenario } from '../support/scenario.ts';
import { until } from '../support/until.ts';
import { FAST } from '../support/watched-vite.ts';

/** As Vite does on a loaded machine: on a save it closes its port, and the same process opens it again after 7 s. */
const SERVER = `
import { watchFile } from 'node:fs';
import { createServer } from 'node:http';
let starts = 0;
let server;
const start = () => {
  starts += 1;
  const answer = String(starts);
  server = createServer((request, response) => response.end(answer));
  server.listen(Number(process.env.PORT), '127.0.0.1');
};
start();
watchFile('vite.config.mjs', { interval: 100 }, () => {
  server.closeAllConnections();
  server.close(() => setTimeout(start, 7_000));
});
`;

scenario(48, 'its configuration is saved', async (stage) => {
  const sandbox = await stage.pm2();
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/`;
  const config = join(sandbox.home, 'vite.config.mjs');
  await writeFile(join(sandbox.home, 'server.mjs'), SERVER);
  await writeFile(config, 'export default {};\n');
  await sandbox.start({
    name: 'web',
    script: 'server.mjs',
    cwd: sandbox.home,
    env: { PORT: String(port) },
    env_liveness: { ...FAST, http: url },
  });
  await sandbox.reaches('web', 'healthy', 60_000);
  const { pid } = await sandbox.app('web');
  const savedAt = performance.now();
  await writeFile(config, 'export default { base: "/" };\n');
  const held = await until('a restart is held', async () => {
    const { summary } = await sandbox.target('web');
    return summary.includes('held') && summary;
  });
  assert.match(held, /held: vite\.config\.mjs was saved, the app may start itself again/);
  const isBack = async (): Promise<boolean> => {
    const answer = await fetch(url, { signal: AbortSignal.timeout(1_000) });
    return (await answer.text()) === '2';
  };
  await until('it answers again', isBack, { withinMs: 30_000, everyMs: 100 });
  const to200Ms = performance.now() - savedAt;
  const { restarts } = await sandbox.reaches('web', 'healthy', 30_000);
  assert.equal(restarts.total, 0);
  assert.equal((await sandbox.app('web')).pid, pid);
  return { restarts: 0, to200Ms, final: 'healthy' };
});
