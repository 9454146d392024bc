import { dirname } from 'node:path';
import type { MonitorConfig } from './config/load.ts';
import { askDelays } from './agent/client.ts';
import { HostWatch } from './monitor/host-watch.ts';
import { LoopWatch } from './monitor/loop-watch.ts';
import { PsWatch } from './monitor/ps-watch.ts';
import { unsavedApps } from './os/boot/dump.ts';
import { createOsReader } from './os/create-reader.ts';
import { DiskSpace, type FreeSpace } from './os/disk-space.ts';
import { createPsCheck } from './os/ps-check.ts';
import type { Pm2Client } from './pm2/client.ts';
import { daemonPidOf } from './pm2/daemon-pid.ts';
import type { Log } from './report/log.ts';
import type { TargetView } from './report/view.ts';
import type { Metrics } from './report/metrics.ts';
import type { Clock } from './time/clock.ts';

/** What the watches use. */
interface WatchDeps {
  readonly config: MonitorConfig;
  readonly clock: Clock;
  readonly log: Log;
  readonly pm2: Pm2Client;
}

/** Our parent is the daemon, so we know its pid; `pm2-runtime` writes no pid file. */
export function psWatchOf({ clock, log, config }: WatchDeps): PsWatch {
  const { pmId, pm2Home, searchPath: ownPath } = config;
  const daemonPid = async (): Promise<number> =>
    pmId === null ? daemonPidOf(pm2Home) : process.ppid;
  const look = createPsCheck({ platform: process.platform, clock, daemonPid, ownPath });
  return new PsWatch({ clock, log, look });
}

/** A saved list larger than this is not compared: to parse it would hold up the monitor. */
const MOST_LIST_BYTES = 4 * 1_048_576;

/** Disks, the daemon's memory, the saved list; only the leader reports. */
export function hostWatchOf(
  { clock, log, pm2, config }: WatchDeps,
  isLeading: () => boolean,
): HostWatch {
  const { pmId, pm2Home } = config;
  const reader = createOsReader(process.platform, { clock });
  const disk = new DiskSpace(clock);
  const freeIn = (folder: string): Promise<FreeSpace> => disk.freeIn(folder);
  const saved = (): string[] =>
    pm2.last().flatMap(({ name, env }) => (env['pmx_module'] ? [] : [name]));
  return new HostWatch({
    clock,
    log,
    isLeading,
    folders: () => [
      pm2Home,
      ...pm2.last().flatMap(({ errorLog }) => (errorLog === null ? [] : [dirname(errorLog)])),
    ],
    freeIn,
    list: () => pm2.list(),
    async daemonBytes() {
      const pid = pmId === null ? await daemonPidOf(pm2Home) : process.ppid;
      return (await reader.processes())?.get(pid)?.rssBytes ?? null;
    },
    async unsaved() {
      // Where the disk hangs it is not read either.
      if (typeof (await freeIn(pm2Home)) !== 'number') return [];
      return unsavedApps(pm2Home, saved(), MOST_LIST_BYTES);
    },
  });
}

/** How late the event loops of apps with the agent are: for `/metrics`, and one metric in PM2. */
export function loopWatchOf(
  { clock, pm2, config }: WatchDeps,
  targets: () => readonly TargetView[],
  metrics: Metrics,
): LoopWatch {
  const watch: LoopWatch = new LoopWatch({
    clock,
    targets,
    pidsOf: (name) =>
      pm2.last().flatMap((each) => (each.name === name && each.pid > 0 ? [each.pid] : [])),
    ask: (pids) => askDelays(config.pm2Home, pids),
    onFirst: () => metrics.registerLoop(() => watch.worst()),
  });
  return watch;
}
