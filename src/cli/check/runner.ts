import { stat } from 'node:fs/promises';
import { AppRunner } from '../../target/app-runner.ts';
import { systemUsers } from '../../target/app-user.ts';

/**
 * Decides as which user `check` runs the commands of a PM2_HOME's apps, by the monitor's rule. PM2's data is
 * only as trustworthy as the owner of the PM2_HOME: as root, commands run only as that owner.
 */
export async function checkRunner(pm2Home: string): Promise<AppRunner> {
  const ownUid = process.geteuid?.() ?? null;
  const owner = ownUid === 0 ? ((await stat(pm2Home).catch(() => null))?.uid ?? 0) : 0;
  // The list was read just now, so the parent of a process need not be proven.
  const users = { ...systemUsers, daemonPid: async () => 0 };
  return new AppRunner({ users, ownUid, onlyUid: owner === 0 ? null : owner });
}
