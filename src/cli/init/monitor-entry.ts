import { existsSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ownVersion } from '../../config/own-version.ts';
import type { AppEntry } from './detect.ts';
import { packageFolder } from './project.ts';
import { MONITOR_NAME } from '../../pm2/monitor-process.ts';

/** The monitor as an entry of an ecosystem file in `dir`: the package of the project, else this one. */
export function monitorEntry(dir: string): AppEntry {
  const own = `${packageFolder(dir, MONITOR_NAME) ?? ''}/dist/main.js`;
  return {
    name: MONITOR_NAME,
    script: existsSync(join(dir, own))
      ? own
      : fileURLToPath(new URL('../../main.js', import.meta.url)),
    pmx: false,
    // Time for a restart in flight.
    kill_timeout: 5000,
    // With a delay PM2 never gives the monitor up.
    restart_delay: 2000,
  };
}

/** Notes about the entry, one per line. */
export function monitorNotes({ script }: AppEntry): readonly string[] {
  if (typeof script !== 'string' || !isAbsolute(script)) return [];
  return [
    `${MONITOR_NAME} is not installed in this project, so the entry uses ${script}; better: run npm pack in its folder, npm install -D <that folder>/${MONITOR_NAME}-${ownVersion()}.tgz here, then init again`,
  ];
}
