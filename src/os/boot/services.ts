import { join } from 'node:path';
import type { BootEvidence, BootStart } from './evidence.ts';
import { isSameFolder, type SystemFiles } from './files.ts';

/** OpenRC: PM2 writes one file for one user, whose PM2_HOME is always `~/.pm2`. */
export async function openrcStart(facts: BootEvidence, files: SystemFiles): Promise<BootStart> {
  const file = '/etc/init.d/pm2';
  const text = (await files.text(file)) ?? '';
  const isOurs =
    text.includes(`user=\${PM2_USER:-${facts.user}}`) &&
    (await isSameFolder(join(facts.home, '.pm2'), facts.pm2Home));
  const levels = await files.names('/etc/runlevels');
  const enabled = await Promise.all(levels.map((level) => files.names(`/etc/runlevels/${level}`)));
  if (isOurs && enabled.flat().includes('pm2')) return { state: 'installed', unit: file };
  return { state: 'missing', reason: `no enabled ${file} starts PM2 for ${facts.pm2Home}` };
}

/** Old System V scripts, linked for the run levels 2 to 5; null where there is none for this PM2_HOME. */
export async function systemvStart(
  facts: BootEvidence,
  files: SystemFiles,
): Promise<BootStart | null> {
  const name = `pm2-${facts.user}`;
  const file = `/etc/init.d/${name}`;
  if (!(await namesHome(await files.text(file), facts))) return null;
  const links = await Promise.all([2, 3, 4, 5].map((level) => files.names(`/etc/rc${level}.d`)));
  const isEnabled = links.flat().some((link) => /^S\d+/.test(link) && link.endsWith(name));
  if (isEnabled) return { state: 'installed', unit: file };
  return { state: 'missing', reason: `${file} exists, but is not enabled` };
}

/** FreeBSD's rc.d, switched on in rc.conf. */
export async function rcdStart(facts: BootEvidence, files: SystemFiles): Promise<BootStart> {
  const name = `pm2_${facts.user}`;
  const file = `/usr/local/etc/rc.d/${name}`;
  const isOurs = await namesHome(await files.text(file), facts);
  const conf = (await files.text('/etc/rc.conf')) ?? '';
  const isEnabled = new RegExp(`^${name}_enable="?YES`, 'mi').test(conf);
  if (isOurs && isEnabled) return { state: 'installed', unit: file };
  return { state: 'missing', reason: `no enabled ${file} starts PM2 for ${facts.pm2Home}` };
}

/** macOS: a property list with PM2's name in a folder that launchd reads; an agent starts only at login. */
export async function launchdStart(facts: BootEvidence, files: SystemFiles): Promise<BootStart> {
  const name = `pm2.${facts.user}.plist`;
  const folders = [
    `${facts.home}/Library/LaunchAgents`,
    '/Library/LaunchAgents',
    '/Library/LaunchDaemons',
  ];
  for (const folder of folders) {
    const file = join(folder, name);
    const home = /<key>PM2_HOME<\/key>\s*<string>([^<]*)</.exec(
      (await files.text(file)) ?? '',
    )?.[1];
    if (home !== undefined && (await isSameFolder(home, facts.pm2Home))) {
      return { state: 'installed', unit: file };
    }
  }
  return { state: 'missing', reason: `launchd has no ${name} for ${facts.pm2Home}` };
}

/** True where a script of PM2 is for this PM2_HOME. */
async function namesHome(script: string | null, { pm2Home }: BootEvidence): Promise<boolean> {
  const home = /PM2_HOME="([^"]*)"/.exec(script ?? '')?.[1];
  return home !== undefined && isSameFolder(home, pm2Home);
}
