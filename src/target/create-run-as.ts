import type { Pm2Client } from '../pm2/client.ts';
import { daemonPidOf } from '../pm2/daemon-pid.ts';
import type { RunAs } from '../probe/exec/run-as.ts';
import { AppRunner } from './app-runner.ts';
import { systemUsers } from './app-user.ts';
import type { Observation } from './observation.ts';

/** The PM2 whose apps are meant, and our own pm_id; null when PM2 does not run us. */
interface RunAsDeps {
  readonly pm2: Pick<Pm2Client, 'last'>;
  readonly pm2Home: string;
  readonly ownPmId: number | null;
}

/**
 * Makes what decides as which user the commands of an app run. Our parent is the daemon, so we know its pid;
 * `pm2-runtime` writes no pid file.
 */
export function createRunAs({
  pm2,
  pm2Home,
  ownPmId,
}: RunAsDeps): (app: Observation) => Promise<RunAs> {
  const daemonPid = async (): Promise<number> =>
    ownPmId === null ? daemonPidOf(pm2Home) : process.ppid;
  const ownUid = process.geteuid?.() ?? null;
  const runner = new AppRunner({ users: { ...systemUsers, daemonPid }, ownUid });
  return ({ pmId, name }) =>
    runner.runAs(pm2.last().find((each) => each.pmId === pmId && each.name === name));
}
