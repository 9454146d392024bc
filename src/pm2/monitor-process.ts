import { fileURLToPath } from 'node:url';
import type { ManagedProcess } from './process.ts';

/** The usual name of the monitor in PM2. */
export const MONITOR_NAME = 'pm2-liveness';

const PROGRAM = /(?:^|[\\/])pm2-liveness[\\/]dist[\\/]main\.js$/;

/** The path of this package's program. */
const OWN_PROGRAM = fileURLToPath(new URL('../main.js', import.meta.url));

/** True for a monitor: by its usual name, or by its program under any name. */
export function isMonitor(app: { readonly name: unknown; readonly program: unknown }): boolean {
  const { name, program } = app;
  if (name === MONITOR_NAME || program === OWN_PROGRAM) return true;
  return typeof program === 'string' && PROGRAM.test(program);
}

/** True for a process in PM2's list that is a monitor. */
export function isMonitorProcess({ name, env }: ManagedProcess): boolean {
  return isMonitor({ name, program: env['pm_exec_path'] });
}

/** True for a monitor that `pm2 install` brought. */
export function isModule({ env }: ManagedProcess): boolean {
  return Boolean(env['pmx_module']);
}
