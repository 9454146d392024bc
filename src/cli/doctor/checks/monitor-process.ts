import { fileURLToPath } from 'node:url';
import type { ManagedProcess } from '../../../pm2/process.ts';

const NAME = 'pm2-liveness';
const PROGRAM = /[\\/]pm2-liveness[\\/]dist[\\/]main\.js$/;
/** This very package's, wherever it lies. */
const OWN = fileURLToPath(new URL('../../../main.js', import.meta.url));

/** Whether PM2 runs a monitor there: by its usual name, or by its program under any other. */
export function isMonitor({ name, env }: ManagedProcess): boolean {
  const program = env['pm_exec_path'];
  if (name === NAME || program === OWN) return true;
  return typeof program === 'string' && PROGRAM.test(program);
}

/** True for one that came with `pm2 install`. */
export function isModule({ env }: ManagedProcess): boolean {
  return Boolean(env['pmx_module']);
}
