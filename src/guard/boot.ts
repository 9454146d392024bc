import { readFile } from 'node:fs/promises';
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

/** True while systemd starts the system or stops it; its services then come and go without us. */
export async function isSystemBusy(run: RunCommand = runCommand): Promise<boolean> {
  const said = await run('systemctl', ['is-system-running']);
  return /^(?:initializing|starting|stopping)$/.test(said?.trim() ?? '');
}
