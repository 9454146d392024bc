import { basename, dirname, join } from 'node:path';
import type { BootEvidence } from './evidence.ts';
import type { InitSystem } from './start.ts';

/**
 * The shell line that makes the system start PM2 at boot, as `pm2 startup` prints it for a user who is not
 * root. It puts this Node first in PATH, because the unit keeps the PATH of this line, and gives the user's
 * name, because PM2 takes it from USER, which a service does not have. `serviceName` is for the case that
 * PM2's own name is taken.
 */
export function startupLine(
  facts: BootEvidence,
  init: InitSystem | null,
  serviceName: string | null = null,
): string {
  const { pm2Home } = facts;
  // PM2 adds `.pm2` to the value of --hp; any other folder can only be given in the environment.
  const hasUsualName = basename(pm2Home) === '.pm2';
  return [
    ...(facts.isRoot ? [] : ['sudo']),
    'env',
    `PATH=${quoted(facts.nodeFolder)}:"$PATH"`,
    ...(hasUsualName ? [] : [`PM2_HOME=${quoted(pm2Home)}`]),
    quoted(facts.pm2Program),
    'startup',
    ...(init === null ? [] : [init]),
    '-u',
    quoted(facts.user),
    ...(hasUsualName ? ['--hp', quoted(dirname(pm2Home))] : []),
    ...(serviceName === null ? [] : ['--service-name', quoted(serviceName)]),
  ].join(' ');
}

/** The shell line that saves PM2's present list. */
export function saveLine(evidence: BootEvidence): string {
  return pm2Line(evidence, 'save');
}

/** The shell line that starts what PM2 saved and could not start. To save instead would forget it. */
export function resurrectLine(evidence: BootEvidence): string {
  const save = pm2Line(evidence, 'save');
  return `${pm2Line(evidence, 'resurrect')} # after you have brought it back; if you deleted it for good: ${save}`;
}

function pm2Line({ platform, home, pm2Home, pm2Program }: BootEvidence, command: string): string {
  if (platform === 'win32') return `npx pm2 ${command}`;
  const isUsual = pm2Home === join(home, '.pm2');
  return `${isUsual ? '' : `PM2_HOME=${quoted(pm2Home)} `}${quoted(pm2Program)} ${command}`;
}

/** The unit name for a second PM2_HOME of the same user. */
export function secondServiceName({ user, pm2Home }: BootEvidence): string {
  const folder = basename(pm2Home) === '.pm2' ? dirname(pm2Home) : pm2Home;
  return `pm2-${user}-${basename(folder).replace(/[^\w-]+/g, '') || 'second'}`;
}

/** Quotes one word for a POSIX shell. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
