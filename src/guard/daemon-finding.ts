import { durationText } from '../text/duration-text.ts';
import type { DaemonEvidence, GuardEvidence } from './evidence.ts';
import type { Finding } from './finding.ts';
import type { GuardMemory } from './memory.ts';

/** What PM2's own start at boot has to itself. */
const BOOT_GRACE_MS = 60_000;

/** A start or stop by systemd that takes more looks than this does not end by itself. */
const BUSY_LOOKS = 5;

type Absent = Exclude<DaemonEvidence, { state: 'answers' }>;

/** What it means that PM2's daemon does not answer. */
export function daemonFinding(
  evidence: Omit<GuardEvidence, 'daemon'> & { readonly daemon: Absent },
  memory: GuardMemory,
): Finding {
  const { daemon, boot } = evidence;
  const { systemBusy } = evidence;
  if (systemBusy !== null && (memory.busyLooks ?? 0) <= BUSY_LOOKS) return waits(systemBusy);
  if (daemon.state === 'silent') return silent(daemon, memory);
  const { isOnPurpose, boot: seenIn } = memory.daemon ?? {};
  // A pid file without its process: somebody started PM2 again, and nobody stopped that one.
  if (isOnPurpose === true && daemon.pidFile === 'none')
    return leftAlone('PM2 was stopped on purpose (`pm2 kill`)');
  const isRebooted = seenIn !== undefined && seenIn !== boot.key;
  // A daemon that ends in good order removes its pid file (FACTS, "How a PM2 daemon ends").
  if (!isRebooted && daemon.pidFile === 'none') {
    return leftAlone(
      seenIn === undefined
        ? 'no PM2 daemon has run since the guard was installed'
        : 'PM2 was stopped on purpose (`pm2 kill`)',
    );
  }
  if (systemBusy !== null) return stuck(systemBusy);
  if (boot.ageMs < BOOT_GRACE_MS) {
    return waits(`the machine came up ${durationText(Math.floor(boot.ageMs / 1_000) * 1_000)} ago`);
  }
  return gone(isRebooted, daemon.saved);
}

/** A second start beside that of systemd could start the apps twice: a person has to look. */
function stuck(systemBusy: string): Finding {
  return {
    kind: 'trouble',
    what: 'daemon',
    processes: '',
    order: null,
    isHopeless: true,
    text: `PM2 is gone, and systemd has been at it for ${BUSY_LOOKS} minutes (${systemBusy}): \`systemctl list-jobs\`, \`journalctl -b\``,
  };
}

function gone(isRebooted: boolean, saved: number): Finding {
  const what = isRebooted ? 'PM2 was not started after the reboot' : 'PM2 was killed';
  const isHopeless = saved === 0;
  return {
    kind: 'trouble',
    what: 'daemon',
    processes: '',
    order: isHopeless ? null : { type: 'resurrect' },
    isHopeless,
    isRebooted,
    text: isHopeless
      ? `${what}; nothing is saved that could be started: start the apps, then \`pm2 save\``
      : `${what}; \`pm2 resurrect\` starts the saved apps`,
  };
}

/** A process that is there is never replaced: its apps would run twice. */
function silent(
  { pid, reason, isStopped }: Extract<Absent, { state: 'silent' }>,
  { trouble }: GuardMemory,
): Finding {
  const isLasting = trouble?.what === 'daemon' && trouble.looks >= 1;
  return {
    kind: 'trouble',
    what: 'daemon',
    processes: String(pid),
    order: null,
    isHopeless: isLasting,
    text: isStopped
      ? `PM2's daemon is stopped (SIGSTOP): \`kill -CONT ${pid}\``
      : `PM2's daemon does not answer; its process ${pid} runs (${reason}); look at pm2.log, then \`pm2 update\``,
  };
}

function leftAlone(text: string): Finding {
  return { kind: 'left alone', text, isDaemon: true };
}

function waits(why: string): Finding {
  return { kind: 'waits', text: `PM2's daemon does not answer; the guard waits: ${why}` };
}
