import { messageOf } from '../../errors.ts';
import type { BootEvidence, BootStart } from './evidence.ts';
import type { SystemFiles } from './files.ts';
import { launchdStart, openrcStart, rcdStart, systemvStart } from './services.ts';
import { systemdStart } from './systemd.ts';
import { windowsStart } from './windows.ts';

/** The init system, by the names of `pm2 startup`. */
export type InitSystem = 'systemd' | 'openrc' | 'launchd' | 'rcd';

/** The running init system, recognized by its files; null for an unknown one. */
export async function runningInit(
  platform: NodeJS.Platform,
  files: SystemFiles,
): Promise<InitSystem | null> {
  if (platform === 'darwin') return 'launchd';
  if (platform === 'freebsd') return 'rcd';
  if (platform !== 'linux') return null;
  // sd_booted(3): this folder exists where systemd is the running init, and only there.
  if (await files.exists('/run/systemd/system')) return 'systemd';
  return (await files.exists('/run/openrc')) ? 'openrc' : null;
}

/** Whether that init system starts PM2 for this PM2_HOME at boot. Only reads files; never throws. */
export async function readBootStart(
  init: InitSystem | null,
  facts: BootEvidence,
  files: SystemFiles,
): Promise<BootStart> {
  try {
    return await look(init, facts, files);
  } catch (error) {
    // A file that only root may read.
    return { state: 'unknown', reason: messageOf(error) };
  }
}

async function look(
  init: InitSystem | null,
  facts: BootEvidence,
  files: SystemFiles,
): Promise<BootStart> {
  switch (init) {
    case 'systemd':
      return systemdStart(facts, files);
    case 'openrc':
      return openrcStart(facts, files);
    case 'launchd':
      return launchdStart(facts, files);
    case 'rcd':
      return rcdStart(facts, files);
    case null:
      return elsewhere(facts, files);
  }
}

async function elsewhere(facts: BootEvidence, files: SystemFiles): Promise<BootStart> {
  const { platform } = facts;
  if (platform === 'win32') return windowsStart(facts);
  if (platform !== 'linux') {
    const reason = `pm2-liveness cannot find out what ${platform} starts at boot`;
    return { state: 'unknown', reason };
  }
  const known = await systemvStart(facts, files);
  if (known) return known;
  if (facts.isContainerStart) return { state: 'container' };
  return {
    state: 'unknown',
    reason: 'neither systemd nor OpenRC runs here, which is usual in a container',
  };
}
