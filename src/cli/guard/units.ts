import { createHash } from 'node:crypto';
import { basename, join } from 'node:path';

/** For whom the guard looks, and which programs it runs. */
export interface GuardedHome {
  /** The user that PM2 runs as, and the home folder. */
  readonly user: string;
  readonly home: string;
  /** Absolute. */
  readonly pm2Home: string;
  /** Node, and our own program; absolute. */
  readonly node: string;
  readonly program: string;
  /** The folders in which the daemon finds programs. */
  readonly searchPath: string;
  /** True for systemd's user manager. */
  readonly isUserUnit: boolean;
}

/** A unit: its name and its text. */
export interface Unit {
  readonly name: string;
  readonly text: string;
}

/** The name of the units of a PM2_HOME, without an ending: another one for each PM2_HOME of a user. */
export function unitName({ user, home, pm2Home }: Omit<GuardedHome, 'isUserUnit'>): string {
  const name = `pm2-liveness-guard-${user.replace(/[^\w.-]+/g, '_')}`;
  if (pm2Home === join(home, '.pm2')) return name;
  const hash = createHash('sha256').update(pm2Home).digest('hex').slice(0, 8);
  const folder = basename(pm2Home).replace(/[^\w-]+/g, '');
  return `${name}-${folder}${folder === '' ? '' : '-'}${hash}`;
}

/**
 * The three units: the timer, the look, and the start of PM2. The look may gain no right and starts no daemon, because
 * the apps would inherit its limits, and would be left in the control group of a unit that starts every minute.
 */
export function unitsOf(guarded: GuardedHome): readonly Unit[] {
  const name = unitName(guarded);
  return [
    { name: `${name}.timer`, text: timer(guarded) },
    { name: `${name}.service`, text: lookUnit(guarded, name) },
    { name: `${name}-start.service`, text: startUnit(guarded) },
  ];
}

function timer({ pm2Home }: GuardedHome): string {
  return lines([
    '[Unit]',
    `Description=pm2-liveness guard: a look at PM2 every minute (${escaped(pm2Home)})`,
    '',
    '[Timer]',
    // PM2's own start at boot has a minute to itself.
    'OnBootSec=65s',
    'OnUnitActiveSec=1min',
    // Also where it is installed long after the boot.
    'OnActiveSec=10s',
    'AccuracySec=5s',
    '',
    '[Install]',
    'WantedBy=timers.target',
  ]);
}

function lookUnit(guarded: GuardedHome, name: string): string {
  return lines([
    '[Unit]',
    `Description=pm2-liveness guard: one look at PM2 (${escaped(guarded.pm2Home)})`,
    '# It ends with 1 where PM2 is gone and nobody stopped it: this starts it.',
    `OnFailure=${name}-start.service`,
    'StartLimitIntervalSec=0',
    '',
    '[Service]',
    'Type=oneshot',
    ...common(guarded),
    `ExecStart=${command(guarded)} --hand-over`,
    'NoNewPrivileges=yes',
    'LockPersonality=yes',
    'RestrictRealtime=yes',
    'RestrictSUIDSGID=yes',
    'UMask=0077',
    'Nice=5',
  ]);
}

function startUnit(guarded: GuardedHome): string {
  return lines([
    '[Unit]',
    `Description=pm2-liveness guard: start of PM2 (${escaped(guarded.pm2Home)})`,
    'StartLimitIntervalSec=0',
    '',
    '[Service]',
    'Type=oneshot',
    ...common(guarded),
    `ExecStart=${command(guarded)}`,
    '# PM2 and its apps outlive this unit.',
    'KillMode=process',
    'LimitNOFILE=infinity',
    'LimitNPROC=infinity',
    'LimitCORE=infinity',
  ]);
}

function common({ user, home, pm2Home, searchPath, isUserUnit }: GuardedHome): readonly string[] {
  return [
    ...(isUserUnit ? [] : [`User=${user}`]),
    `Environment="HOME=${escaped(home)}" "PM2_HOME=${escaped(pm2Home)}"`,
    `Environment="PATH=${escaped(searchPath)}"`,
    `WorkingDirectory=-${home.replaceAll('%', '%%')}`,
    'TimeoutStartSec=3min',
  ];
}

function command({ node, program }: GuardedHome): string {
  // systemd reads `$$` as one sign in the arguments alone, and not in the path of the program.
  return `"${escaped(node)}" "${escaped(program).replaceAll('$', '$$$$')}" guard run`;
}

/** A text between double quotes of a unit. */
function escaped(text: string): string {
  return text.replace(/["\\]/g, '\\$&').replaceAll('%', '%%');
}

function lines(all: readonly string[]): string {
  return `${all.join('\n')}\n`;
}
