import { stat } from 'node:fs/promises';
import { AppRunner } from '../../target/app-runner.ts';
import { systemUsers } from '../../target/app-user.ts';

/**
 * As whom `check` runs the commands of the apps of a PM2_HOME: by the monitor's rule. What PM2 says
 * of an app is as good as the user who owns its PM2_HOME: root runs nothing of another's as anybody else.
 */
export async function checkRunner(pm2Home: string): Promise<AppRunner> {
  const ownUid = process.geteuid?.() ?? null;
  const owner = ownUid === 0 ? ((await stat(pm2Home).catch(() => null))?.uid ?? 0) : 0;
  // The list is as young as the question: whose child a process is need not be proven.
  const users = { ...systemUsers, daemonPid: async () => 0 };
  return new AppRunner({ users, ownUid, onlyUid: owner === 0 ? null : owner });
}
