import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isMonitorProcess, MONITOR_NAME } from '../../pm2/monitor-process.ts';
import type { ManagedProcess } from '../../pm2/process.ts';
import { shellWord } from '../../text/shell-word.ts';
import { appWord } from '../framework/pm2-words.ts';

/** How the monitor is started that is not running. */
export interface MonitorStart {
  /** The line for a person; empty where it must not be started from here. */
  readonly line: string;
  /** The words for PM2; null where only a person may do it. */
  readonly words: readonly string[] | null;
  readonly reason: string;
}

/** The options of PM2 for the monitor; the same as in the ecosystem file that `init` writes. */
const OPTIONS = ['--no-pmx', '--kill-timeout', '5000', '--restart-delay', '2000'];

/** How to start a monitor without an ecosystem file. One that PM2 has, and that was stopped, is left to its operator. */
export function monitorStart(
  processes: readonly ManagedProcess[],
  program = fileURLToPath(new URL('../../main.js', import.meta.url)),
): MonitorStart {
  const known = processes.find(isMonitorProcess);
  if (known !== undefined) {
    const line = `npx pm2 restart ${appWord(known.name)}`;
    return { line, words: null, reason: `PM2 has a monitor, ${known.name}: ${known.status}` };
  }
  if (/[\\/]_npx[\\/]/.test(program)) {
    const reason = `this program runs from npm's cache, which npm may empty; install ${MONITOR_NAME} in a project (npm install -D) or with npm install -g, then watch again`;
    return { line: '', words: null, reason };
  }
  // Not the present folder, which may be removed some day.
  const folder = join(dirname(program), '..');
  const words = ['start', program, '--name', MONITOR_NAME, '--cwd', folder, ...OPTIONS];
  const line = ['npx pm2', ...words.map((word) => shellWord(word))].join(' ');
  return { line, words, reason: 'no monitor runs in this PM2' };
}
