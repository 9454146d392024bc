import { loadMonitorConfig } from '../../config/load.ts';
import { codeOf, messageOf } from '../../errors.ts';
import { createOsReader } from '../../os/create-reader.ts';
import { readInotifyUse } from '../../os/linux/inotify.ts';
import { createPsCheck } from '../../os/ps-check.ts';
import { ownUid } from '../../os/users/user.ts';
import { daemonPidOf } from '../../pm2/daemon-pid.ts';
import { isMonitorProcess } from '../../pm2/monitor-process.ts';
import { systemClock as clock } from '../../time/clock.ts';
import { ecosystemIn } from '../framework/ecosystem-here.ts';
import { persistenceOf } from '../launch/boot-advice.ts';
import { MonitorInquiry } from '../status/monitor-status.ts';
import { appFacts } from './app-facts.ts';
import type { DoctorFacts } from './facts.ts';
import { guardFacts } from './guard-facts.ts';
import { notifyFacts } from './notify-facts.ts';

/** Reads all facts once. Throws ERR_PM2_UNAVAILABLE where no daemon runs; starts none. */
export async function gatherFacts(): Promise<DoctorFacts> {
  const { pm2Home, searchPath } = loadMonitorConfig();
  const inquiry = new MonitorInquiry(pm2Home);
  try {
    const processes = await inquiry.processes();
    const pm2Version = await inquiry.pm2Version();
    const daemonPid = await daemonPidOf(pm2Home);
    const apps = processes.filter((process) => !isMonitorProcess(process));
    const reader = createOsReader();
    const uid = ownUid();
    const ecosystem = await ecosystemIn(process.cwd());
    const notify = await notifyFacts(processes, pm2Home);
    const guard = await guardFacts(pm2Home);
    const look = createPsCheck({
      platform: process.platform,
      clock,
      daemonPid: async () => daemonPid,
      ownPath: searchPath,
    });
    return {
      pm2Home,
      pm2Version,
      isPsMissing: await look(),
      ...(await statusOf(inquiry)),
      monitors: processes.filter(isMonitorProcess),
      apps: await Promise.all(
        apps.map((app) => appFacts(app, { reader, pm2Home, daemonPid, processes })),
      ),
      ...(ecosystem !== null && { ecosystem }),
      ...(notify !== null && { notify }),
      ...(guard !== null && { guard }),
      boot: await persistenceOf(pm2Home, processes).catch(messageOf),
      inotify: uid === null ? null : await readInotifyUse(uid),
    };
  } finally {
    await inquiry.close();
  }
}

/** The status. A monitor without a usable answer counts as none, and its answer is kept as the reason. */
async function statusOf(
  inquiry: MonitorInquiry,
): Promise<Pick<DoctorFacts, 'status' | 'statusReason'>> {
  try {
    return { status: await inquiry.status() };
  } catch (error) {
    const isIll = codeOf(error) === 'ERR_MONITOR';
    return { status: null, ...(isIll && { statusReason: messageOf(error) }) };
  }
}
