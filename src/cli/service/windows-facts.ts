import type { WindowsStart } from '../../os/boot/windows.ts';

/** What `service` knows of a Windows before it plans. */
export interface WindowsFacts {
  /** Of the service, or the task. */
  readonly name: string;
  /** The user of this terminal, as `DESK\ann`. */
  readonly user: string;
  /** Absolute, as the two programs. */
  readonly pm2Home: string;
  readonly node: string;
  readonly pm2Program: string;
  /** The folder of Node. */
  readonly nodeFolder: string;
  /** NSSM's program; null where none was found. */
  readonly nssm: string | null;
  /** False where this terminal is known not to be an administrator's. */
  readonly mayBeAdmin: boolean;
  readonly found: WindowsStart;
  /** True where PM2 runs now. */
  readonly isPm2Running: boolean;
  /** True where PM2's saved list is not that of now, and saving loses nothing. */
  readonly needsSave: boolean;
  /** True where it is to start at once. */
  readonly isNow: boolean;
}
