// How long a killed dev server is away: PM2 alone beside PM2 with the monitor, turn by turn.
import { setTimeout as sleep } from 'node:timers/promises';
import { Pm2Sandbox } from '../test/support/pm2-sandbox.ts';
import { ViteApp } from '../test/support/vite-app.ts';
import { median, row } from './table.ts';

const ROUNDS = 10;
/** Long enough that PM2 calls the app stable, and that nothing of the last round is still at work. */
const REST_MS = 3_000;

/** One sandbox with a Vite app that answers; with or without the monitor beside it. */
async function prepare(isWatched: boolean): Promise<{ sandbox: Pm2Sandbox; app: ViteApp }> {
  const [sandbox, app] = await Promise.all([Pm2Sandbox.create(), ViteApp.create()]);
  await sandbox.start(app.entry('web', isWatched ? { period: '1s', timeout: '1s' } : undefined));
  if (isWatched) {
    await sandbox.startMonitor();
    await sandbox.reaches('web', 'healthy');
  }
  return { sandbox, app };
}

/** Milliseconds from SIGKILL to the next 200. */
async function recovery({ sandbox, app }: { sandbox: Pm2Sandbox; app: ViteApp }): Promise<number> {
  const { pid } = await sandbox.app('web');
  await sleep(REST_MS);
  const killedAt = performance.now();
  process.kill(pid, 'SIGKILL');
  return app.backAfter(killedAt);
}

const alone = await prepare(false);
const watched = await prepare(true);
try {
  const times = { alone: [] as number[], watched: [] as number[] };
  for (let round = 0; round < ROUNDS; round += 1) {
    times.alone.push(await recovery(alone));
    times.watched.push(await recovery(watched));
  }
  const target = await watched.sandbox.target('web');
  console.log(row('SIGKILL → 200', 'median ms', 'worst ms'));
  console.log(row('PM2 alone', median(times.alone), Math.max(...times.alone)));
  console.log(row('PM2 + pm2-liveness', median(times.watched), Math.max(...times.watched)));
  console.log(row('ratio of medians', (median(times.watched) / median(times.alone)).toFixed(3)));
  console.log(row('restarts of ours', target.restarts.total));
} finally {
  for (const { sandbox, app } of [alone, watched]) {
    await sandbox.destroy();
    await app.destroy();
  }
}
