import { readSavedList } from './dump.ts';
import type { BootEvidence, BootStart, SavedList } from './evidence.ts';
import { SystemFiles } from './files.ts';
import { resurrectLine, saveLine, secondServiceName, startupLine } from './fix.ts';
import { readBootStart, runningInit } from './start.ts';
import { isUnitNameTaken } from './systemd.ts';

/** Whether the apps of a PM2_HOME come back after a reboot. */
export interface BootPersistence {
  readonly startup: BootStart;
  readonly saved: SavedList;
  /** The shell lines that set up what is missing, in order; empty where nothing is. */
  readonly fix: readonly string[];
}

/** Only reads files. Throws where PM2's saved list may not be read. */
export async function readBootPersistence(facts: BootEvidence): Promise<BootPersistence> {
  const files = new SystemFiles(facts.root);
  const init = await runningInit(facts.platform, files);
  const [startup, saved] = await Promise.all([
    readBootStart(init, facts, files),
    readSavedList(facts.pm2Home, facts.apps),
  ]);
  const fix: string[] = [];
  if (startup.state === 'missing') {
    // PM2 would overwrite the unit of another PM2_HOME of this user.
    const isTaken = init === 'systemd' && (await isUnitNameTaken(facts, files));
    fix.push(startupLine(facts, init, isTaken ? secondServiceName(facts) : null));
  }
  // Saving now would drop what PM2 could not start.
  const isNeeded = saved.state !== 'current' && startup.state !== 'container';
  if (isNeeded) fix.push(hasUnstartable(saved) ? resurrectLine(facts) : saveLine(facts));
  return { startup, saved, fix };
}

/** True where PM2 could not start all that it has saved: to save now would drop that. */
export function hasUnstartable(saved: SavedList): boolean {
  return saved.state === 'stale' && saved.unstartable !== undefined;
}
