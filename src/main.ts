import { dataDir } from './config/data-dir.ts';
import { isDeepStrictEqual } from 'node:util';
import { loadMonitorConfig, type MonitorConfig } from './config/load.ts';
import { ownVersion } from './config/own-version.ts';
import { messageOf } from './errors.ts';
import { logBug } from './report/worker-events.ts';
import { Pm2Connection, type Pm2Client } from './pm2/client.ts';
import { ownPackageOf, watchOwnPackage } from './pm2/own-package-watch.ts';
import { loadNotifySettings } from './notify/load-notify-settings.ts';
import { createLog } from './report/log.ts';
import { Supervisor } from './supervisor.ts';
import { writeSettings, readSettings } from './store/settings-file.ts';
import { systemClock as clock } from './time/clock.ts';
import { DiskQueue } from './time/disk-queue.ts';

const CONNECT_AGAIN_MS = 1_000;

/** Less than the `kill_timeout` of 5 s in our ecosystem file. The lock is free when the process exits. */
const SHUTDOWN_MS = 4_500;

/** After this many uncaught errors within a minute the monitor exits, and PM2 starts a new one. */
const MOST_ERRORS = 10;
const ERROR_WINDOW_MS = 60_000;

/** A hanging disk must not stop the watch. */
const disk = new DiskQueue(clock);
const { config, trouble } = await readConfig();
const log = createLog(config.log, clock);
const stopping = new AbortController();
surviveErrors();
await main();

/** Config → connect → lead or stand by → stop at a signal. */
async function main(): Promise<void> {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stopping.abort());
  // Our daemon is gone, usually killed. The next daemon runs its own monitor, which PM2's commands can reach.
  // If we went on to lead as an orphan, that monitor could not lead.
  if (config.pmId !== null) process.on('disconnect', () => stopping.abort('daemon'));
  stopping.signal.addEventListener('abort', () => {
    setTimeout(() => process.exit(0), SHUTDOWN_MS).unref();
  });
  if (trouble !== null) log.line('warn', trouble);
  const pm2 = new Pm2Connection(config.pm2Home);
  if (!(await connect(pm2))) return;
  const random = (): number => Math.random();
  const signal = stopping.signal;
  void watchOwnPackage({ clock, log, ...ownPackageOf(pm2, config) }, signal);
  const notify = await loadNotifySettings(config.notify);
  await new Supervisor({
    config,
    notify: notify.settings,
    problems: notify.problems,
    version: ownVersion(),
    clock,
    random,
    log,
    disk,
    pm2,
    signal,
  }).untilStopped();
  await pm2.close();
  process.exit(0);
}

/** The settings. Where `pm2 set` gave a bad value, the last good one from disk. */
async function readConfig(): Promise<{ config: MonitorConfig; trouble: string | null }> {
  const config = loadMonitorConfig();
  if (config.moduleSettings === null) return { config, trouble: null };
  const dir = dataDir(config.pm2Home);
  const kept = await disk.run(() => readSettings(dir)).catch(() => ({}));
  const merged = loadMonitorConfig(undefined, kept);
  const { moduleSettings } = merged;
  if (moduleSettings === null || isDeepStrictEqual(moduleSettings, kept)) {
    return { config: merged, trouble: null };
  }
  const trouble = await disk
    .run(() => writeSettings(dir, moduleSettings))
    .then(() => null, messageOf);
  return {
    config: merged,
    trouble: trouble && `the last good settings could not be saved: ${trouble}`,
  };
}

/** Connects to the daemon; tries again where PM2 runs us, because then the daemon is there or will be. */
async function connect(pm2: Pm2Client): Promise<boolean> {
  let told = '';
  while (!stopping.signal.aborted) {
    try {
      await pm2.connect();
      return true;
    } catch (error) {
      const message = messageOf(error);
      if (message !== told) log.line('error', message);
      told = message;
      if (config.pmId === null) process.exit(1);
      await clock.sleep(CONNECT_AGAIN_MS, stopping.signal);
    }
  }
  return false;
}

/** Logs uncaught errors and goes on, because the monitor must be the last to fail. */
function surviveErrors(): void {
  let times: number[] = [];
  const survive = (error: unknown): void => {
    logBug(log, error);
    times = [...times.filter((time) => time > clock.now() - ERROR_WINDOW_MS), clock.now()];
    if (times.length > MOST_ERRORS) process.exit(1);
  };
  process.on('uncaughtException', survive);
  process.on('unhandledRejection', survive);
}
