import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { after, before, describe, test } from 'node:test';
import type { TargetStatus } from '../../src/report/status.ts';
import { SETTLE_MS } from '../../src/verdict/step.ts';
import { Pm2Sandbox } from '../support/pm2-sandbox.ts';
import { smallServer } from '../support/small-server.ts';
import { until } from '../support/until.ts';

/** Preloaded into the monitor: with each SIGUSR2 its wall clock is a minute further, as after a suspend. */
const SHIFT = `
const { now } = Date;
let shift = 0;
Date.now = () => now() + shift;
process.on('SIGUSR2', () => { shift += 60_000; });
`;

/** From fit news to the first good answer, beyond the time to settle; the beats and probes are 500 ms. */
const MARGIN_MS = 15_000;

// One bad sample is a verdict, so that a single one that is not dropped shows as a restart.
const EAGER = { failureThreshold: 1, period: '500ms', timeout: '5s' };

describe('a monitor that is not fit to judge', () => {
  let sandbox: Pm2Sandbox;
  let monitorPid: number;
  let appPid: number;
  let restartsBefore: number;

  before(async () => {
    sandbox = await Pm2Sandbox.create();
    const preload = join(sandbox.home, 'shift.mjs');
    await writeFile(preload, SHIFT);
    await sandbox.startMonitor({}, ['--import', pathToFileURL(preload).href]);
    await sandbox.start(await smallServer(sandbox, 'web', EAGER));
    monitorPid = (await sandbox.status())?.monitor.pid ?? assert.fail('no monitor');
  });

  after(() => sandbox.destroy());

  /** The app stands still, and a probe of it has begun but not come to its end. */
  async function stopInTheMiddleOfAProbe(): Promise<void> {
    restartsBefore = (await sandbox.reaches('web', 'healthy')).restarts.total;
    appPid = (await sandbox.app('web')).pid;
    process.kill(appPid, 'SIGSTOP');
    await sleep(1_000);
  }

  /** It was left alone, until the monitor had settled and not for much longer. */
  async function settles(unknown: TargetStatus): Promise<void> {
    const healthy = await sandbox.reaches('web', 'healthy', SETTLE_MS + MARGIN_MS);
    const tookMs = Date.parse(healthy.since) - Date.parse(unknown.since);
    assert.ok(tookMs >= SETTLE_MS && tookMs <= SETTLE_MS + MARGIN_MS, `${tookMs} ms`);
    assert.equal(healthy.restarts.total, restartsBefore);
    assert.equal((await sandbox.app('web')).pid, appPid);
  }

  async function mendsAHang(): Promise<void> {
    process.kill(appPid, 'SIGSTOP');
    await until('it is mended', async () => (await sandbox.app('web')).pid !== appPid);
    const { restarts } = await sandbox.reaches('web', 'healthy');
    assert.equal(restarts.total, restartsBefore + 1);
  }

  test('held up for 10 s together with the app: what it then reads is dropped', async () => {
    await stopInTheMiddleOfAProbe();
    process.kill(monitorPid, 'SIGSTOP');
    await sleep(10_000);
    process.kill(monitorPid, 'SIGCONT');
    process.kill(appPid, 'SIGCONT');
    const unknown = await sandbox.reaches('web', 'unknown');
    assert.match(
      unknown.summary,
      /^unknown, not judged: the monitor itself was held up for \d+ ms/,
    );
    await settles(unknown);
    await mendsAHang();
  });

  test('whose machine was suspended: the wall clock has gone on alone', async () => {
    await stopInTheMiddleOfAProbe();
    process.kill(monitorPid, 'SIGUSR2');
    const unknown = await sandbox.reaches('web', 'unknown');
    await until(
      'the probe has failed all the same',
      async () => (await sandbox.target('web')).last?.class === 'timeout',
    );
    process.kill(appPid, 'SIGCONT');
    assert.match(unknown.summary, /^unknown, not judged: the clock jumped by (?:59|60)\d{3} ms/);
    await settles(unknown);
    await mendsAHang();
  });
});
