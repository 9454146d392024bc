import { durationText } from '../text/duration-text.ts';
import { followed } from './follow-trouble.ts';
import type { GuardEvidence, MonitorEvidence, MonitorProcess } from './evidence.ts';
import type { Finding } from './finding.ts';
import type { GuardMemory } from './memory.ts';

/** The monitor reads PM2's list every few seconds; a PM2 that hangs takes five seconds each time. */
const STALE_MS = 90_000;

/** A monitor that starts, or is busy, may be silent once. */
const SILENT_LOOKS = 2;

type Silent = Extract<MonitorEvidence, { state: 'silent' }>;

/** What the monitor's state means, under a daemon that answers. */
export function monitorFinding(
  { monitor, wall }: Pick<GuardEvidence, 'monitor' | 'wall'>,
  memory: GuardMemory,
): Finding {
  switch (monitor.state) {
    case 'leads':
      return { kind: 'well', text: 'PM2 answers, and the monitor leads' };
    case 'unknown':
      return { kind: 'waits', text: 'it is not known whether a monitor leads' };
    case 'silent':
      return onPurpose(monitor) ?? broken(monitor, memory, wall);
  }
}

/** True where the last round of a monitor that answers is too old. */
export function isStale(lastRoundAgeMs: number | null): boolean {
  return lastRoundAgeMs !== null && lastRoundAgeMs > STALE_MS;
}

/** Null where nobody wants it so. */
function onPurpose({ processes }: Silent): Finding | null {
  const leftAlone = (text: string): Finding => ({ kind: 'left alone', text, isDaemon: false });
  if (processes.length === 0) return leftAlone('PM2 answers; it has no monitor in its list');
  // `pm2 stop` sets the pid to 0; a start that failed keeps the old one (FACTS, "PM2 loses apps in silence").
  if (processes.every(({ status, pid }) => status === 'stopped' && pid === 0)) {
    return leftAlone('PM2 answers; the monitor was stopped on purpose (`pm2 stop`)');
  }
  if (processes.some(({ process }) => process === 'traced')) {
    return leftAlone('PM2 answers; a debugger holds the monitor');
  }
  return null;
}

function broken(monitor: Silent, memory: GuardMemory, wall: number): Finding {
  const what = 'monitor';
  const processes = monitor.processes
    .map(({ pmId, pid, birth }) => `${pmId}/${pid}/${birth ?? ''}`)
    .join(' ');
  const { sameLooks, since } = followed({ what, processes }, memory.trouble, wall);
  const sick = monitor.processes.filter(({ status, pid }) => status !== 'stopped' || pid > 0);
  const dead = sick.filter(isDead);
  const due = dead.length > 0 ? dead : sameLooks >= SILENT_LOOKS ? hung(sick, memory) : [];
  const lasts =
    wall > since ? ` for ${durationText(Math.round((wall - since) / 1_000) * 1_000)}` : '';
  const reason = dead.length > 0 ? deathOf(dead) : `${monitor.reason}${lasts}`;
  const next = due.length > 0 ? '; PM2 restarts it' : '; it is restarted if this lasts';
  return {
    kind: 'trouble',
    what,
    processes,
    text: `the monitor does not work: ${reason}${next}`,
    order: due.length > 0 ? { type: 'restart', processes: due } : null,
    isHopeless: false,
  };
}

/** One that cannot come back by itself. */
function isDead({ status, pid, process }: MonitorProcess): boolean {
  return process === 'stopped' || status === 'errored' || (status === 'stopped' && pid > 0);
}

function deathOf(dead: readonly MonitorProcess[]): string {
  if (dead.some(({ process }) => process === 'stopped')) {
    return 'it is stopped (SIGSTOP)';
  }
  return dead.some(({ status }) => status === 'errored')
    ? 'PM2 gave it up (`errored`)'
    : 'PM2 lost it (`stopped`, and nobody stopped it)';
}

/** The one that led, where PM2 still runs it, else all that PM2 says are running. */
function hung(sick: readonly MonitorProcess[], { leaderPid }: GuardMemory): MonitorProcess[] {
  // What PM2 is stopping has its own deadline.
  const running = sick.filter(({ status }) => status !== 'stopping');
  const leader = running.filter(({ pid }) => pid === leaderPid);
  return leader.length > 0 ? leader : running;
}
