import { win32 } from 'node:path';
import { runCommand } from '../run-command.ts';
import type { BootEvidence, BootStart } from './evidence.ts';
import { readWindowsService, type WindowsService } from './windows-service.ts';
import { readWindowsTask, type WindowsTask } from './windows-task.ts';

/** The service or task that `pm2-liveness service install` makes, unless another name is given. */
export const USUAL_NAME = 'pm2';

/** What a task starts. Not in our own folder: PM2 is to start also where that is removed. */
export function launcherOf(pm2Home: string): string {
  return win32.join(pm2Home, 'pm2-service.cjs');
}

/** What Windows has under a name. */
export interface WindowsStart {
  readonly service: WindowsService | null;
  readonly task: WindowsTask | null;
}

/** Reads the service and the task of a name. Never rejects. */
export async function readWindowsStart(
  pm2Home: string,
  name = USUAL_NAME,
  run = runCommand,
): Promise<WindowsStart> {
  const [service, task] = await Promise.all([
    readWindowsService(name, pm2Home, run),
    readWindowsTask(name, launcherOf(pm2Home), run),
  ]);
  return { service, task };
}

/** Whether Windows starts PM2 for this PM2_HOME. Only the usual name is read, so that there is no certain no. */
export async function windowsStart({
  pm2Home,
  run,
}: Pick<BootEvidence, 'pm2Home' | 'run'>): Promise<BootStart> {
  const { service, task } = await readWindowsStart(pm2Home, USUAL_NAME, run);
  if (service?.isForHome && service.startsAtBoot) {
    return { state: 'installed', unit: `the service ${service.name}` };
  }
  if (task?.isForLauncher && task.starts !== null) {
    const when = task.starts === 'login' ? ', when you log in' : '';
    return { state: 'installed', unit: `the task ${task.name}${when}` };
  }
  const reason = `no service and no task ${USUAL_NAME} starts it for ${pm2Home}, and those of other names are not read; \`npx pm2-liveness service install\` makes one`;
  return { state: 'unknown', reason };
}
