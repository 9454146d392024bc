import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import type { TargetStatus } from '../../src/report/status.ts';
import { SETTLE_MS } from '../../src/verdict/unknown/unfit.ts';
import { scenario, type Figures, type Stage } from '../support/scenario.ts';
import { until } from '../support/until.ts';
import { WatchedVite } from '../support/watched-vite.ts';

/** Preloaded into the monitor: with each SIGUSR2 its wall clock is a minute further, as after a suspend. */
const SHIFT = `
const { now } = Date;
let shift = 0;
Date.now = () => now() + shift;
process.on('SIGUSR2', () => { shift += 60_000; });
`;

/** From fit news to the first good answer, beyond the time to settle; the beats and probes are 500 ms. */
const MARGIN_MS = 15_000;

/** One bad sample is a verdict, so that a single one that is not dropped shows as a restart. */
const EAGER = { failureThreshold: 1, period: '500ms', timeout: '5s' } as const;

scenario(19, '', async (stage) => {
  const { web, monitor, pid } = await inTheMiddleOfAProbe(stage);
  process.kill(monitor, 'SIGSTOP');
  await sleep(10_000);
  process.kill(monitor, 'SIGCONT');
  process.kill(pid, 'SIGCONT');
  const unknown = await web.sandbox.reaches(web.name, 'unknown');
  assert.match(unknown.summary, /^unknown, not judged: the monitor itself was held up for \d+ ms/);
  return settles(web, unknown, pid);
});

scenario(20, '', async (stage) => {
  const { web, monitor, pid } = await inTheMiddleOfAProbe(stage);
  process.kill(monitor, 'SIGUSR2');
  const unknown = await web.sandbox.reaches(web.name, 'unknown');
  await until(
    'the probe has failed all the same',
    async () => (await web.sandbox.target(web.name)).last?.class === 'timeout',
  );
  process.kill(pid, 'SIGCONT');
  assert.match(unknown.summary, /^unknown, not judged: the clock jumped by (?:59|60)\d{3} ms/);
  return settles(web, unknown, pid);
});

/** The app is frozen, and a probe of it is in flight. */
async function inTheMiddleOfAProbe(
  stage: Stage,
): Promise<{ web: WatchedVite; monitor: number; pid: number }> {
  const [sandbox, app] = await Promise.all([stage.pm2({ monitor: false }), stage.vite()]);
  const preload = join(sandbox.home, 'shift.mjs');
  await writeFile(preload, SHIFT);
  await sandbox.startMonitor({}, ['--import', pathToFileURL(preload).href]);
  const web = await WatchedVite.begin(sandbox, app, { block: EAGER });
  const pid = await web.pid();
  const monitor = (await sandbox.status())?.monitor.pid ?? assert.fail('no monitor');
  process.kill(pid, 'SIGSTOP');
  // A probe has begun, and it is too early to conclude that the app stays stopped.
  await sleep(800);
  return { web, monitor, pid };
}

/** It was left alone until the monitor had settled, and a hang after that is fixed. */
async function settles(web: WatchedVite, unknown: TargetStatus, pid: number): Promise<Figures> {
  const healthy = await web.sandbox.reaches(web.name, 'healthy', SETTLE_MS + MARGIN_MS);
  const tookMs = Date.parse(healthy.since) - Date.parse(unknown.since);
  assert.ok(tookMs >= SETTLE_MS && tookMs <= SETTLE_MS + MARGIN_MS, `${tookMs} ms`);
  assert.equal(await web.pid(), pid);
  const figures = await web.figures(null);
  assert.equal(figures.restarts, 0);
  await web.signal('SIGSTOP');
  await web.restarted(1, 20_000);
  await web.healthy();
  return figures;
}
