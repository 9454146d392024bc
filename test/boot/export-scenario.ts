import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Container } from './container.ts';
import { PROJECT } from './project.ts';
import type { Check } from './check.ts';

const APP = '/srv/small';
const UNIT = '/etc/systemd/system/small.service';
const PAGE = 'http://127.0.0.1:3000/';

const SERVER = `require('node:http').createServer((_, response) => response.end('small')).listen(Number(process.env.PORT), '127.0.0.1');`;

const ECOSYSTEM = `module.exports = { apps: [{
  name: 'small',
  script: 'server.js',
  cwd: '${APP}',
  env: { PORT: 3000 },
  kill_timeout: 500,
  env_liveness: { http: '${PAGE}', period: '1s', timeout: '1s', failureThreshold: 2, startupTimeout: '30s' },
}] };`;

/** Three checks with the starts of their program, then the signal and its grace. */
const BACK_MS = 60_000;

/** Runs an app by the unit that `export systemd` writes: without PM2 and without a monitor. */
export async function playExport(container: Container, check: Check): Promise<void> {
  const shell = (script: string): Promise<string> => container.must(['bash', '-ec', script]);
  const mainPid = (): Promise<string> => shell('systemctl show --value -p MainPID small');
  placeApp(container);
  await container.boot();
  await check('export systemd writes a unit in which systemd finds nothing wrong', async () => {
    await shell(
      `cd ${APP} && node ${PROJECT}/dist/cli/main.js export systemd small --file ecosystem.config.cjs > ${UNIT}`,
    );
    assert.equal(await shell(`systemd-analyze verify ${UNIT} 2>&1`), '');
  });
  await check('it starts the app, at boot too', async () => {
    await shell('systemctl daemon-reload && systemctl enable --now small 2>&1');
    await container.firstAnswer(PAGE, 'small', BACK_MS);
    await container.cut();
    await container.boot();
    await container.firstAnswer(PAGE, 'small', BACK_MS);
  });
  await check('the app that hangs is restarted by the watchdog', async () => {
    // The loop has to have seen it well: until then it has all its time to start.
    await shell('sleep 5');
    const before = await mainPid();
    const began = performance.now();
    await shell(`kill -STOP ${before}`);
    await container.firstAnswer(PAGE, 'small', BACK_MS);
    const seconds = ((performance.now() - began) / 1_000).toFixed(1);
    assert.notEqual(await mainPid(), before);
    assert.match(await shell('journalctl -u small -b --no-pager'), /Watchdog timeout/);
    return `200 from another process after ${seconds} s`;
  });
  await check('and one that is well is left alone', async () => {
    const before = await mainPid();
    await shell('sleep 12');
    assert.equal(await mainPid(), before);
  });
}

function placeApp({ root }: Container): void {
  mkdirSync(join(root, APP), { recursive: true });
  writeFileSync(join(root, APP, 'server.js'), SERVER);
  writeFileSync(join(root, APP, 'ecosystem.config.cjs'), ECOSYSTEM);
}
