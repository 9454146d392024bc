import { readFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { basename } from 'node:path';
import { SystemFiles } from '../os/boot/files.ts';
import { systemdStart } from '../os/boot/systemd.ts';
import { runCommand, type RunCommand } from '../os/run-command.ts';
import { parseStat } from '../os/linux/stat.ts';
import type { Boot } from './evidence.ts';

/** USER_HZ, see os/linux/stat.ts. */
const MS_PER_TICK = 10;

/**
 * The present boot, of a container where we run in one: its first process tells one boot from the next, and how old this
 * one is. Throws where there is no /proc.
 */
export async function readBoot(root = '/proc'): Promise<Boot> {
  const [id, uptime, first] = await Promise.all([
    readFile(`${root}/sys/kernel/random/boot_id`, 'utf8'),
    readFile(`${root}/uptime`, 'utf8'),
    readFile(`${root}/1/stat`, 'utf8'),
  ]);
  const startTicks = parseStat(first)?.startTicks ?? 0;
  const upMs = Number.parseFloat(uptime) * 1_000;
  return {
    key: `${id.trim()}-${startTicks}`,
    ageMs: Math.max(0, upMs - startTicks * MS_PER_TICK),
  };
}

/**
 * What systemd is at while it starts or stops the system, or the unit of `pm2 startup`, which it starts again after a
 * kill: a second `pm2 resurrect` beside it could start the apps twice. Null where it does neither, or does not run.
 */
export async function systemBusy(
  pm2Home: string,
  run: RunCommand = runCommand,
  files: SystemFiles = new SystemFiles(),
): Promise<string | null> {
  const said = await run('systemctl', ['is-system-running']);
  if (/^(?:initializing|starting|stopping)$/.test(said?.trim() ?? '')) {
    return 'the system is starting or going down';
  }
  const unit = await startupUnit(pm2Home, files).catch(() => null);
  if (unit === null) return null;
  const state = (await run('systemctl', ['is-active', unit]))?.trim() ?? '';
  return /^(?:de)?activating$|^reloading$/.test(state) ? `${unit} is ${state}` : null;
}

/** The unit of `pm2 startup`; null where there is none. Throws where it may not be read. */
async function startupUnit(pm2Home: string, files: SystemFiles): Promise<string | null> {
  const { username: user, homedir: home } = userInfo();
  const start = await systemdStart({ user, home, pm2Home }, files);
  return start.state === 'installed' ? basename(start.unit) : null;
}
