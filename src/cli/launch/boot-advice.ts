import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { messageOf } from '../../errors.ts';
import { createOsReader } from '../../os/create-reader.ts';
import { daemonPidOf } from '../../pm2/daemon-pid.ts';
import { ownHome, ownUid, ownUserName } from '../../os/users/user.ts';
import { readBootPersistence, type BootPersistence } from '../../os/boot/persistence.ts';
import type { SavedList } from '../../os/boot/evidence.ts';
import type { ManagedProcess } from '../../pm2/process.ts';

/**
 * The advice about the next reboot: empty where all is set up, else the reason and the lines to type. Never
 * rejects.
 */
export async function bootAdvice(
  pm2Home: string,
  list: () => Promise<readonly ManagedProcess[]>,
): Promise<readonly string[]> {
  try {
    return adviceOf(await persistenceOf(pm2Home, await list()));
  } catch (error) {
    return [`It is not known whether all apps start after a reboot: ${messageOf(error)}`];
  }
}

/** The advice that follows from what was found. */
export function adviceOf({ startup, saved, fix }: BootPersistence): readonly string[] {
  if (startup.state === 'container') return [];
  const gaps = [
    ...(startup.state === 'missing' ? [startup.reason] : []),
    ...(saved.state === 'missing' ? [saved.reason] : []),
    ...(saved.state === 'stale' ? staleness(saved) : []),
  ];
  return [
    ...(gaps.length > 0 ? [`Not ready for a reboot: ${gaps.join('; ')}. Run once:`] : []),
    ...fix.map((line) => `  ${line}`),
    ...(startup.state === 'unknown' ? [doubt(startup.reason)] : []),
  ];
}

/**
 * Whether the apps of this user's PM2_HOME come back after a reboot, with the pm2 package beside us. Throws
 * for a user without a name or home, because no system starts anything for such a user.
 */
export async function persistenceOf(
  pm2Home: string,
  processes: readonly ManagedProcess[],
): Promise<BootPersistence> {
  const [user, home, uid] = [ownUserName(), ownHome(), ownUid()];
  if (user === null || home === null) {
    throw new Error(`the system knows no user of uid ${uid ?? 'unknown'}, with a name and a home`);
  }
  return readBootPersistence({
    platform: process.platform,
    user,
    home,
    isRoot: uid === 0,
    pm2Home,
    pm2Program: createRequire(import.meta.url).resolve('pm2/bin/pm2'),
    nodeFolder: dirname(process.execPath),
    isContainerStart: await isContainerStart(await daemonPidOf(pm2Home)),
    // PM2 starts modules of `pm2 install` by itself, and does not save them.
    apps: processes.filter(({ env }) => !env['pmx_module']).map(({ name }) => name),
  });
}

/**
 * True where PM2's daemon is the first program of a container, or runs in its session (as `pm2-runtime` below
 * `tini`). A daemon that was started with `pm2` has a session of its own.
 */
async function isContainerStart(daemonPid: number): Promise<boolean> {
  if (daemonPid <= 1) return daemonPid === 1;
  const table = await createOsReader().processes();
  const session = table?.get(1)?.session;
  return session !== undefined && table?.get(daemonPid)?.session === session;
}

function staleness(saved: Extract<SavedList, { state: 'stale' }>): string[] {
  const { missingApps: missing, goneApps: gone, unstartable = [] } = saved;
  return [
    ...(missing.length > 0 ? [`PM2's saved list lacks ${missing.join(', ')}`] : []),
    ...(gone.length > 0 ? [`PM2's saved list still has ${gone.join(', ')}`] : []),
    ...unstartable.map(({ name, reason }) => `PM2 cannot start ${name}: ${reason}`),
  ];
}

function doubt(reason: string): string {
  return `It is not known whether PM2 starts after a reboot: ${reason}. See "After a reboot" in the README.`;
}
