import { basename, dirname } from 'node:path';
import { hasUnstartable, type BootPersistence } from '../../os/boot/persistence.ts';
import { shellWord } from '../../text/shell-word.ts';
import type { Plan, Refusal, Step } from './plan.ts';

/** What `service` knows of a Linux or macOS before it plans. */
export interface PosixFacts {
  readonly platform: NodeJS.Platform;
  readonly isRoot: boolean;
  /** As `doctor` finds it, with the lines that set up what is missing. */
  readonly boot: BootPersistence;
  /** False where no daemon runs: what it has saved is then left as it is. */
  readonly isPm2Running: boolean;
}

/** The lines that `start` and `doctor` print, to be run here; null where nothing is missing. */
export function posixInstall({ platform, boot, isPm2Running }: PosixFacts): Plan | Refusal | null {
  const { startup, saved, fix } = boot;
  if (startup.state === 'unknown') {
    return { refusal: [`it is not known what starts programs here: ${startup.reason}`] };
  }
  if (startup.state === 'container') {
    return { refusal: ['this is a container: what starts it starts PM2 (docs/DOCKER.md)'] };
  }
  const save = saved.state === 'current' ? null : (fix.at(-1) ?? null);
  const isSaved = save !== null && isPm2Running && !hasUnstartable(saved);
  const start = startup.state === 'missing' ? fix.slice(0, 1) : [];
  const steps = [...start, ...(isSaved ? [save] : [])].map((line): Step => ({
    type: 'shell',
    line,
  }));
  const left =
    save === null || isSaved ? [] : [`PM2's saved list is left as it is. Later: ${save}`];
  if (steps.length === 0) return left.length === 0 ? null : { refusal: left };
  const when = platform === 'darwin' ? 'when you log in' : 'at boot, with nobody logged in';
  return {
    steps,
    notes: [],
    done: [
      ...left,
      `PM2 starts ${when}, with the apps that it has saved: \`pm2 save\` after each change of them.`,
    ],
  };
}

const OWN_UNITS = '/etc/systemd/system';

/**
 * Takes out what starts PM2, and stops nothing: `pm2 unstartup` would stop PM2 and every app. Null where nothing
 * starts it.
 */
export function posixUninstall({ platform, isRoot, boot }: PosixFacts): Plan | Refusal | null {
  const { startup } = boot;
  if (startup.state === 'missing') return null;
  if (startup.state !== 'installed') {
    const why = startup.state === 'unknown' ? `: ${startup.reason}` : '';
    return { refusal: [`it is not known what starts PM2 here${why}`] };
  }
  const { unit } = startup;
  const sudo = isRoot ? '' : 'sudo ';
  const lines = platform === 'darwin' ? launchdLines(unit, sudo) : systemdLines(unit, sudo);
  if (lines === null) {
    return {
      refusal: [
        `${unit} starts PM2, and was not written by systemd's \`pm2 startup\`; PM2 takes it out, and stops: pm2 unstartup`,
      ],
    };
  }
  return {
    steps: lines.map((line): Step => ({ type: 'shell', line })),
    notes: ['PM2 and its apps run on.'],
    done: ['Removed. PM2 does not start at the next boot.'],
  };
}

/** Only root may change the folders for all users. */
function launchdLines(unit: string, sudo: string): readonly string[] {
  return [`${unit.startsWith('/Library/') ? sudo : ''}rm -f ${shellWord(unit)}`];
}

function systemdLines(unit: string, sudo: string): readonly string[] | null {
  if (dirname(unit) !== OWN_UNITS || !unit.endsWith('.service')) return null;
  return [
    `${sudo}systemctl disable ${shellWord(basename(unit))}`,
    `${sudo}rm -f ${shellWord(unit)}`,
    `${sudo}systemctl daemon-reload`,
  ];
}
