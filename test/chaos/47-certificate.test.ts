import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeCertificate } from '../probe/support/make-certificate.ts';
import { freePort } from '../support/pm2-sandbox.ts';
import { scenario, type Figures } from '../support/scenario.ts';
import { holds } from '../support/until.ts';

const DAY_MS = 86_400_000;

/** How long the first certificate is good: for the start of the app and of its first probes. */
const GOOD_MS = 15_000;

/** Reads its certificate once, as most servers do; `PEM` is the file, which has the key too. */
const SERVER = `
  const { readFileSync } = require('node:fs');
  const pem = readFileSync(process.env.PEM);
  require('node:https')
    .createServer({ cert: pem, key: pem }, (_, response) => response.end('ok'))
    .listen(Number(process.env.PORT), '127.0.0.1');
`;

scenario(47, '', async (stage): Promise<Figures> => {
  const sandbox = await stage.pm2();
  const script = join(sandbox.home, 'server.cjs');
  await writeFile(script, SERVER);
  const soon = makeCertificate(Date.now() - DAY_MS, Date.now() + GOOD_MS);
  const fresh = makeCertificate(Date.now() - DAY_MS, Date.now() + 30 * DAY_MS);
  const app = async (name: string, certFile: string, file: string) => {
    const port = await freePort();
    await writeFile(join(sandbox.home, file), soon.cert + soon.key);
    const http = { url: `https://127.0.0.1:${port}/`, ca: soon.cert + fresh.cert, certFile };
    const env = { PORT: String(port), PEM: join(sandbox.home, file) };
    const schedule = { period: '1s', fastPeriod: '1s', failureThreshold: 2 };
    return { name, script, cwd: sandbox.home, env, env_liveness: { http, ...schedule } };
  };
  // The second one names a file that its app does not read.
  await sandbox.start(
    await app('web', './web.pem', 'web.pem'),
    await app('wrong', './other.pem', 'wrong.pem'),
  );
  await writeFile(join(sandbox.home, 'other.pem'), soon.cert);
  for (const name of ['web', 'wrong']) await sandbox.reaches(name, 'healthy');

  for (const name of ['web', 'wrong']) {
    const { summary } = await sandbox.reaches(name, 'degraded', 30_000);
    assert.match(summary, /`certFile` \S+\.pem has the same one: renew it/);
  }
  await holds('nothing is restarted in vain', 4_000, async () => {
    const all = [await sandbox.target('web'), await sandbox.target('wrong')];
    return all.every(({ restarts }) => restarts.total === 0);
  });

  await writeFile(join(sandbox.home, 'web.pem'), fresh.cert + fresh.key);
  await writeFile(join(sandbox.home, 'other.pem'), fresh.cert);
  const web = await sandbox.reaches('web', 'healthy', 30_000);
  assert.equal(web.restarts.total, 1);
  const lines = await sandbox.linesAbout('web');
  assert.ok(lines.some((line) => /certificate: TLS: .* has a newer one, valid until/.test(line)));
  const wrong = await sandbox.reaches('wrong', 'degraded', 30_000);
  assert.match(wrong.summary, /it was restarted since `certFile` \S+ has a newer one/);
  await holds('the other is not restarted again', 5_000, async () => {
    const { restarts, state } = await sandbox.target('wrong');
    return restarts.total === 1 && state === 'degraded';
  });
  return { restarts: 1, to200Ms: null, final: web.state };
});
