import { messageOf } from '../errors.ts';
import type { Clock } from '../time/clock.ts';
import type { Pm2Client } from './client.ts';
import { isModule } from './monitor-process.ts';
import type { ManagedProcess } from './process.ts';
import { isUninstalled } from './own-package.ts';
import { forgetSavedMonitors } from './saved-list.ts';

/** How often the monitor looks whether its own program is still there. */
const LOOK_MS = 60_000;

/** An upgrade or `npm ci` removes the package for a while, so it must be gone at this many looks in a row. */
const LOOKS = 3;

/** What shows whether the package was uninstalled, and what takes the monitor out of PM2. */
interface OwnPackageDeps {
  readonly clock: Clock;
  readonly log: { line(level: 'warn' | 'error', message: string): void };
  /** True where the program is gone and its project does not ask for the package any more. */
  readonly isUninstalled: () => Promise<boolean>;
  /** Takes the monitor out of PM2's saved list and out of PM2, which stops it. */
  readonly removeSelf: () => Promise<void>;
}

/**
 * Takes the monitor out of PM2 when its package was uninstalled. It runs on from memory until then; without this PM2
 * would start a program that is not there every two seconds, without end, as soon as it has ended once. Resolves after the
 * signal; never rejects.
 */
export async function watchOwnPackage(
  { clock, log, isUninstalled, removeSelf }: OwnPackageDeps,
  signal: AbortSignal,
): Promise<void> {
  for (let looks = 0; !signal.aborted;) {
    await clock.sleep(LOOK_MS, signal);
    looks = !signal.aborted && (await isUninstalled().catch(() => false)) ? looks + 1 : 0;
    if (looks < LOOKS) continue;
    log.line(
      'warn',
      'the package of the monitor was uninstalled: it takes itself out of PM2. The apps run on, and nothing restarts a hung one now',
    );
    try {
      await removeSelf();
      return;
    } catch (error) {
      log.line('error', `the monitor could not take itself out of PM2: ${messageOf(error)}`);
      looks = 0;
    }
  }
}

/** Finds this out about the process `pmId` in PM2's list. A module is PM2's own to uninstall. */
export function ownPackageOf(
  pm2: Pick<Pm2Client, 'list' | 'delete'>,
  { pmId, pm2Home }: { readonly pmId: number | null; readonly pm2Home: string },
): Pick<OwnPackageDeps, 'isUninstalled' | 'removeSelf'> {
  const find = async (): Promise<ManagedProcess | undefined> =>
    (await pm2.list()).find((each) => each.pmId === pmId);
  // PM2 never changes it: it is asked for once.
  let own: ManagedProcess | undefined;
  return {
    async isUninstalled() {
      if (pmId === null) return false;
      own ??= await find();
      return own !== undefined && !isModule(own) && isUninstalled(programOf(own));
    },
    async removeSelf() {
      const entry = await find();
      if (entry === undefined) return;
      await forgetSavedMonitors(pm2Home, programOf(entry));
      await pm2.delete(entry);
    },
  };
}

function programOf({ env }: { readonly env: Readonly<Record<string, unknown>> }): string {
  return String(env['pm_exec_path']);
}
