import type { BootStart } from '../../os/boot/evidence.ts';
import type { WindowsStart } from '../../os/boot/windows.ts';

/** What starts PM2, and whether it runs. Fields are only added. */
export interface ServiceState {
  /** `at` is null where nothing starts PM2, and where that is not known. */
  readonly starts: { readonly at: 'boot' | 'login' | null; readonly isKnown: boolean };
  /** The unit's file, or the service or task; null where there is none. */
  readonly by: string | null;
  /** Whether the service or task runs, by Windows; null where it is not asked. */
  readonly isServiceRunning: boolean | null;
  /** What is missing; null where nothing is. */
  readonly reason: string | null;
}

/** What a unit or a property list does. PM2 writes a launch agent, which starts at login. */
export function posixState(startup: BootStart, platform: NodeJS.Platform): ServiceState {
  const none = { by: null, isServiceRunning: null };
  switch (startup.state) {
    case 'installed': {
      const isAgent = platform === 'darwin' && startup.unit.includes('/LaunchAgents/');
      const starts = { at: isAgent ? 'login' : 'boot', isKnown: true } as const;
      return { starts, by: startup.unit, isServiceRunning: null, reason: null };
    }
    case 'missing':
      return { ...none, starts: { at: null, isKnown: true }, reason: startup.reason };
    case 'unknown':
      return { ...none, starts: { at: null, isKnown: false }, reason: startup.reason };
    case 'container':
      return {
        starts: { at: 'boot', isKnown: true },
        by: 'the container',
        isServiceRunning: null,
        reason: null,
      };
  }
}

/** What starts PM2 on Windows; `isForHome` alone does not say that it starts at boot. */
export function windowsState({ service, task }: WindowsStart): ServiceState {
  if (service?.isForHome) {
    const at = service.startsAtBoot ? ('boot' as const) : null;
    const reason = at === null ? `the service ${service.name} is not set to start at boot` : null;
    const by = `the service ${service.name}`;
    return { starts: { at, isKnown: true }, by, isServiceRunning: service.isRunning, reason };
  }
  if (task?.isForLauncher) {
    const reason = task.starts === null ? `the task ${task.name} is switched off` : null;
    const by = `the task ${task.name}`;
    const starts = { at: task.starts, isKnown: true };
    return { starts, by, isServiceRunning: task.isRunning, reason };
  }
  const reason = 'no service and no task of this name: pm2-liveness service install';
  return { starts: { at: null, isKnown: true }, by: null, isServiceRunning: null, reason };
}
