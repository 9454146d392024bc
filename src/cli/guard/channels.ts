import { loadMonitorConfig, type Environment } from '../../config/load.ts';
import type { GuardChannels } from '../../guard/run-look.ts';
import { loadChannels } from '../../notify/channel/load-channels.ts';
import { checkDaemon } from '../../pm2/daemon-socket.ts';
import { savedMonitorEnv } from '../../pm2/saved-list.ts';
import { monitorEnvironment, variablesOf } from '../config/setting-sources.ts';
import { MonitorInquiry } from '../status/monitor-status.ts';

/**
 * The channels of the monitor: as PM2 runs it, else as PM2 has saved it, else those of this shell. The guard has no
 * setting of its own, so that there is only one place to change. `isWhole` is false where one could not be read, and where
 * nobody's settings were found: a module is in no saved list. Never rejects.
 */
export async function guardChannels(pm2Home: string): Promise<GuardChannels> {
  const env = (await runningEnv(pm2Home)) ?? (await savedEnv(pm2Home));
  const loaded = await loadChannels(loadMonitorConfig(env ?? undefined).notify);
  const isFound = env !== null || loaded.channels.length > 0;
  return { ...loaded, isWhole: isFound && loaded.problems.length === 0 };
}

/** Null where no daemon answers, or where PM2 has no monitor in its list. */
async function runningEnv(pm2Home: string): Promise<Environment | null> {
  const pm2 = new MonitorInquiry(pm2Home);
  try {
    await checkDaemon(pm2Home);
    return monitorEnvironment(await pm2.processes());
  } catch {
    return null;
  } finally {
    await pm2.close();
  }
}

async function savedEnv(pm2Home: string): Promise<Environment | null> {
  const env = await savedMonitorEnv(pm2Home);
  return env === null ? null : variablesOf({ env });
}
