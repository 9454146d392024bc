import { lstat, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { dataDir } from '../../config/data-dir.ts';
import { codeOf } from '../../errors.ts';
import { isMonitorProcess, isModule, MONITOR_NAME } from '../../pm2/monitor-process.ts';
import type { ManagedProcess } from '../../pm2/process.ts';
import { countSavedMonitors } from '../../pm2/saved-list.ts';
import type { MonitorInquiry } from '../status/monitor-status.ts';

/** All that pm2-liveness has left in a PM2_HOME. */
export interface Traces {
  /** The monitors that PM2 runs or has stopped; null where no daemon runs. */
  readonly monitors: readonly ManagedProcess[] | null;
  /** True where `pm2 install` brought the monitor. */
  readonly isModule: boolean;
  /** How many monitors PM2 would start at boot. */
  readonly saved: number;
  /** The keys of `pm2 set pm2-liveness:…`. */
  readonly settings: readonly string[];
  /** The folder of state and journal; null where there is none. */
  readonly folder: string | null;
  /** The logs that PM2 wrote for it in its own folder; elsewhere they may be the user's. */
  readonly logs: readonly string[];
}

/** `pm2-liveness-out.log`, and `pm2-liveness-error-0.log` where two programs had that name. */
const LOG = new RegExp(`^${MONITOR_NAME}-(?:out|error)(?:-\\d{1,6})?\\.log$`);

/** Finds the traces. Rejects where PM2's list cannot be read. */
export async function findTraces(pm2Home: string, monitor: MonitorInquiry): Promise<Traces> {
  const monitors = await monitorsOf(monitor);
  const conf = await moduleConf(pm2Home);
  const installed = [conf['module-db-v2'], conf['tar-modules']].some(
    (list) => typeof list === 'object' && list !== null && MONITOR_NAME in list,
  );
  const settings = conf[MONITOR_NAME];
  const folder = dataDir(pm2Home);
  return {
    monitors,
    isModule: installed || (monitors ?? []).some(isModule),
    saved: await countSavedMonitors(pm2Home),
    settings: typeof settings === 'object' && settings !== null ? Object.keys(settings) : [],
    // A link is not followed: what it leads to may be anybody's.
    folder: (await lstat(folder).catch(() => null))?.isDirectory() ? folder : null,
    logs: await logsIn(join(pm2Home, 'logs')),
  };
}

async function logsIn(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => LOG.test(name)).map((name) => join(folder, name));
}

async function monitorsOf(monitor: MonitorInquiry): Promise<readonly ManagedProcess[] | null> {
  try {
    return (await monitor.processes()).filter(isMonitorProcess);
  } catch (error) {
    if (codeOf(error) === 'ERR_PM2_UNAVAILABLE') return null;
    throw error;
  }
}

/** PM2's file of modules and their settings; empty where there is none that can be read. */
async function moduleConf(pm2Home: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    const conf: unknown = JSON.parse(await readFile(join(pm2Home, 'module_conf.json'), 'utf8'));
    return typeof conf === 'object' && conf !== null ? { ...conf } : {};
  } catch {
    return {};
  }
}
