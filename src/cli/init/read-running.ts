import { loadMonitorConfig } from '../../config/load.ts';
import { createOsReader } from '../../os/create-reader.ts';
import { SharedReader } from '../../os/shared-reader.ts';
import { daemonPidOf } from '../../pm2/daemon-pid.ts';
import { isMonitorProcess } from '../../pm2/monitor-process.ts';
import type { ManagedProcess } from '../../pm2/process.ts';
import { systemClock as clock } from '../../time/clock.ts';
import { proposeBlock } from '../proposal/propose-block.ts';
import type { Proposal } from '../proposal/proposal.ts';
import { MonitorInquiry } from '../status/monitor-status.ts';
import { NOTHING_RUNS, type RunningApps } from './running-apps.ts';

/** What PM2 runs; nothing where there is no daemon or it does not answer. Starts no daemon. */
export async function readRunningApps(): Promise<RunningApps> {
  const { pm2Home } = loadMonitorConfig();
  const inquiry = new MonitorInquiry(pm2Home);
  try {
    const all = await inquiry.processes();
    const daemonPid = await daemonPidOf(pm2Home);
    const reader = new SharedReader(createOsReader(), clock);
    const apps = all.filter((each) => !isMonitorProcess(each));
    const processes = apps.filter(({ pid }) => pid > 0);
    const stopped = apps.filter(({ pid }) => pid === 0);
    const propose = (app: ManagedProcess): Promise<Proposal> =>
      proposeBlock(app, { reader, clock, daemonPid, processes: all });
    return { processes, stopped, propose };
  } catch {
    return NOTHING_RUNS; // init needs no PM2
  } finally {
    await inquiry.close();
  }
}
