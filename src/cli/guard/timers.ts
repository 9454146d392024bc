import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { unitFolder } from './guarded-home.ts';
import { systemctl } from './systemd.ts';
import { unitName, type GuardedHome } from './units.ts';

/** A timer of a minute that has not looked for this long does not work, in milliseconds. */
export const LATE_MS = 5 * 60_000;

/** A timer of the guard that is installed. */
export interface GuardTimer {
  /** `pm2-liveness-guard-ann.timer`. */
  readonly name: string;
  readonly isUserUnit: boolean;
  /** False where it is installed and does not run. */
  readonly isActive: boolean;
}

/** The timers of a PM2_HOME: of the system, of the user manager, or both. Never rejects. */
export async function guardTimers(
  guarded: GuardedHome,
  managers: readonly boolean[] = [false, true],
): Promise<readonly GuardTimer[]> {
  const name = `${unitName(guarded)}.timer`;
  const found = await Promise.all(
    managers.map(async (isUserUnit) => {
      const file = join(unitFolder({ ...guarded, isUserUnit }), name);
      if (!(await stat(file).catch(() => null))) return [];
      const { isDone } = await systemctl(isUserUnit, 'is-active', '--quiet', name);
      return [{ name, isUserUnit, isActive: isDone }];
    }),
  );
  return found.flat();
}

/** The line that starts it. */
export function startLine({ name, isUserUnit }: GuardTimer): string {
  return `systemctl ${isUserUnit ? '--user ' : ''}start ${name}`;
}
