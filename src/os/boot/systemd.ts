import { join } from 'node:path';
import { messageOf } from '../../errors.ts';
import type { BootEvidence, BootStart } from './evidence.ts';
import { isSameFolder, type SystemFiles } from './files.ts';
import { hasProgram } from '../program.ts';

const OWN_UNITS = '/etc/systemd/system';
/** In systemd's order: the administrator's unit files hide those of a package. */
const UNIT_FOLDERS = [OWN_UNITS, '/usr/local/lib/systemd/system', '/usr/lib/systemd/system'];

/** Whose PM2 it is. */
type Pm2Owner = Pick<BootEvidence, 'user' | 'home' | 'pm2Home'>;

/**
 * Whether an enabled systemd unit starts PM2 with this PM2_HOME, under any name (`pm2 startup
 * --service-name`), and whether it still works: where the Node was removed since, the unit fails at boot.
 */
export async function systemdStart(facts: Pm2Owner, files: SystemFiles): Promise<BootStart> {
  const unreadable: unknown[] = [];
  for (const name of await enabledUnits(files)) {
    // A unit that only root may read, because it has a secret, need not be ours.
    const found = await readUnit(name, files).catch((error: unknown) => {
      unreadable.push(error);
      return null;
    });
    if (found === null || !(await isForHome(found.text, facts))) continue;
    const reason = await whyItFails(found.text, files);
    if (reason === null) return { state: 'installed', unit: found.path };
    return { state: 'missing', reason: `${found.path} would fail: ${reason}` };
  }
  if (unreadable.length > 0) return { state: 'unknown', reason: messageOf(unreadable[0]) };
  return { state: 'missing', reason: `no enabled systemd unit starts PM2 for ${facts.pm2Home}` };
}

/** True where a unit of another PM2_HOME already has the name that PM2 gives to a unit of this user. */
export async function isUnitNameTaken(facts: BootEvidence, files: SystemFiles): Promise<boolean> {
  const text = await files.text(join(OWN_UNITS, `pm2-${facts.user}.service`));
  return text !== null && !(await isForHome(text, facts));
}

async function enabledUnits(files: SystemFiles): Promise<readonly string[]> {
  const folders = (await files.names(OWN_UNITS)).filter((name) => /\.(wants|requires)$/.test(name));
  const names = await Promise.all(folders.map((folder) => files.names(join(OWN_UNITS, folder))));
  return [...new Set(names.flat())].filter((name) => name.endsWith('.service'));
}

async function readUnit(
  name: string,
  files: SystemFiles,
): Promise<{ path: string; text: string } | null> {
  for (const folder of UNIT_FOLDERS) {
    const path = join(folder, name);
    const text = await files.text(path);
    if (text !== null) return { path, text };
  }
  return null;
}

async function isForHome(unit: string, { user, home, pm2Home }: Pm2Owner): Promise<boolean> {
  if (!/^ExecStart=.*\bpm2\b/m.test(unit)) return false;
  const named = environmentOf(unit, 'PM2_HOME');
  if (named !== null) return isSameFolder(named, pm2Home);
  // A unit written by hand has no PM2_HOME: PM2 then takes the user's own.
  const runsAs = /^User=(.*)$/m.exec(unit)?.[1]?.trim() ?? 'root';
  return runsAs === user && isSameFolder(join(home, '.pm2'), pm2Home);
}

/** Why systemd could not run the unit; null where no reason is seen. */
async function whyItFails(unit: string, files: SystemFiles): Promise<string | null> {
  const program = /^ExecStart=[-@:+!|]*(\S+)/m.exec(unit)?.[1];
  if (program === undefined) return 'it has no command to start';
  if (program.startsWith('/') && !(await files.exists(program))) return `${program} does not exist`;
  const searchPath = environmentOf(unit, 'PATH');
  if (searchPath === null) return null;
  const folders = searchPath.split(':').map((folder) => files.placeOf(folder));
  return (await hasProgram('node', folders.join(':'))) ? null : 'there is no node in its PATH';
}

function environmentOf(unit: string, name: string): string | null {
  return new RegExp(`^Environment=(?:.*\\s)?"?${name}=([^\\s"]+)`, 'm').exec(unit)?.[1] ?? null;
}
