import { durationText } from '../text/duration-text.ts';
import { daemonFinding } from './daemon-finding.ts';
import type { GuardEvidence } from './evidence.ts';
import type { Finding, GuardOrder } from './finding.ts';
import { followed } from './follow-trouble.ts';
import type { GuardMemory } from './memory.ts';
import { monitorFinding } from './monitor-finding.ts';

/** What the guard makes of one look. */
export interface GuardDecision {
  readonly standing: 'well' | 'left alone' | 'waits' | 'trouble';
  /** What was found, and what is done, as one sentence for people. */
  readonly found: string;
  readonly order: GuardOrder | null;
  /** A message for people; null where they know already, or need not know. */
  readonly message: { readonly text: string; readonly isTrouble: boolean } | null;
  readonly memory: GuardMemory;
}

/** People hear of a trouble that lasts this many looks. */
const LOOKS_UNTIL_TOLD = 5;

/** What was well for this many looks in a row is no longer the trouble of before. */
const LOOKS_UNTIL_SETTLED = 10;

/** After this many attempts without success the guard waits longer and longer. */
const QUICK_ATTEMPTS = 3;
/** A little less than a minute, because a timer is not exact. */
const QUICK_MS = 50_000;
const SLOW_MS = [5, 10, 20, 30].map((minutes) => minutes * 60_000);

/** Decides what one look means, and what is to be done. Pure: no clock, no disk, no process. */
export function decide(evidence: GuardEvidence, memory: GuardMemory): GuardDecision {
  const { daemon, wall } = evidence;
  const busyLooks = evidence.systemBusy === null ? 0 : (memory.busyLooks ?? 0) + 1;
  const known = rememberDaemon(evidence, { ...memory, lookedAt: wall, busyLooks });
  const finding =
    daemon.state === 'answers'
      ? monitorFinding(evidence, known)
      : daemonFinding({ ...evidence, daemon }, known);
  return finding.kind === 'trouble' ? onTrouble(finding, known, wall) : onRest(finding, known);
}

/** A daemon that answers belongs to this boot. */
function rememberDaemon(evidence: GuardEvidence, memory: GuardMemory): GuardMemory {
  const { daemon, monitor, boot } = evidence;
  if (daemon.state === 'gone') return memory;
  const leaderPid = monitor.state === 'leads' ? monitor.pid : memory.leaderPid;
  return { ...memory, leaderPid, daemon: { boot: boot.key, isOnPurpose: false } };
}

/** All is well, somebody wants it so, or it is too early. */
function onRest(finding: Exclude<Finding, { kind: 'trouble' }>, known: GuardMemory): GuardDecision {
  const { kind, text: found } = finding;
  if (kind === 'waits') {
    const memory = { ...known, found, goodLooks: 0 };
    return { standing: kind, found, order: null, message: null, memory };
  }
  const isStopped = kind === 'left alone' && finding.isDaemon;
  const daemon =
    isStopped && known.daemon !== null ? { ...known.daemon, isOnPurpose: true } : known.daemon;
  const goodLooks = (known.goodLooks ?? 0) + 1;
  const isSettled = isStopped || goodLooks >= LOOKS_UNTIL_SETTLED;
  // A trouble that comes back at once is the same one: only its first end is worth a message.
  const [told, ended] = [toldOf(known), known.ended ?? []];
  const isEnd = told.length > 0 && (isSettled || told.some((news) => !ended.includes(news)));
  const memory: GuardMemory = {
    ...known,
    found,
    daemon,
    trouble: null,
    goodLooks,
    ...(isEnd && { isTold: false, told: [], ended: [...new Set([...ended, ...told])] }),
    ...(isSettled && { attempts: 0, attemptedAt: null, ended: [], failures: 0 }),
  };
  const message = isEnd ? { text: endOf(kind, found), isTrouble: false } : null;
  return { standing: kind, found, order: null, message, memory };
}

/** The message that ends a trouble. */
function endOf(kind: 'well' | 'left alone', found: string): string {
  return kind === 'well' ? 'PM2 and the monitor work again' : found;
}

function onTrouble(
  finding: Extract<Finding, { kind: 'trouble' }>,
  known: GuardMemory,
  wall: number,
): GuardDecision {
  const { text, order, isHopeless } = finding;
  const trouble = followed(finding, known.trouble, wall);
  // Another trouble, after all was well, does not wait for the attempts at the one before.
  const about = aboutOf(finding);
  const isOther = known.trouble === null && (known.attemptedFor ?? about) !== about;
  const attempts = isOther ? 0 : known.attempts;
  const waitMs = isOther ? 0 : waitOf(known, wall);
  const isDue = order !== null && waitMs === 0;
  const news = newsOf(finding);
  const before = toldOf(known);
  const isNews =
    !before.includes(news) && (isDue || isHopeless || trouble.looks >= LOOKS_UNTIL_TOLD);
  const told = isNews ? [...before, news] : before;
  const next =
    order === null || isDue ? '' : `; the next attempt is in ${durationText(waitMs)} at the latest`;
  const found = `${text}${next}`;
  const memory: GuardMemory = {
    ...known,
    found,
    trouble,
    ...(isDue && { attempts: attempts + 1, attemptedAt: wall, attemptedFor: about }),
    isTold: told.length > 0,
    told,
    goodLooks: 0,
  };
  return {
    standing: 'trouble',
    found,
    order: isDue ? order : null,
    message: isNews ? { text: found, isTrouble: true } : null,
    memory,
  };
}

/** What a message about a trouble says: people hear each once, until the end. */
function newsOf(finding: Extract<Finding, { kind: 'trouble' }>): string {
  return `${aboutOf(finding)}${finding.isHopeless ? ', hopeless' : ''}`;
}

/** What attempts are about. */
function aboutOf({ what, isRebooted }: Extract<Finding, { kind: 'trouble' }>): string {
  return `${what}${isRebooted ? ', after a reboot' : ''}`;
}

/** An older guard wrote only that people got a message. */
function toldOf({ isTold, told, trouble }: GuardMemory): readonly string[] {
  if (!isTold) return [];
  return told ?? [trouble?.what ?? 'daemon'];
}

/** How long the next attempt has to wait; 0 where it is due. */
function waitOf({ attempts, attemptedAt }: GuardMemory, wall: number): number {
  // A clock that was set back must not hold it up.
  if (attemptedAt === null || attemptedAt > wall) return 0;
  const slow = SLOW_MS[Math.min(attempts - QUICK_ATTEMPTS, SLOW_MS.length - 1)];
  return Math.max(0, attemptedAt + (slow ?? QUICK_MS) - wall);
}
