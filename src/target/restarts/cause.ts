import { durationText } from '../../text/duration-text.ts';
import { singleLine } from '../../text/single-line.ts';
import type { RestartCause } from '../../verdict/incident/unstable.ts';

/** How an incarnation ended, as PM2 reported it. */
export interface Ending {
  /** Somebody had PM2 stop it. */
  readonly isOrdered: boolean;
  readonly code: number;
  /** Null where PM2 named none; SIGINT also where there was none, for PM2 does not tell these apart. */
  readonly signal: string | null;
  readonly lifeMs: number;
}

/** Why PM2 itself restarted an app, as its log said. */
export interface DaemonReason {
  readonly cause: 'watch' | 'memory';
  readonly detail: string;
}

/** What is known of a new incarnation and of the end of the one before. */
export interface CauseEvidence {
  /** A restart of ours was under way. */
  readonly isOurs: boolean;
  /** Null where PM2 reported no end. */
  readonly ending: Ending | null;
  readonly reason: DaemonReason | null;
  /** What somebody asked PM2 for: `restart`, `reload`, `start`; null where nothing is known of it, yet or at all. */
  readonly command: string | null;
  /** The last line of the earlier incarnation that names an error; null where there is none. */
  readonly errorLine: string | null;
}

/** Why an app has a new incarnation, with a sentence for a person. */
export interface KnownCause {
  readonly cause: RestartCause;
  readonly detail: string;
}

/** The cause that is proven; null where none is, or not yet: PM2 reports a command only when it is done. */
export function causeOf(evidence: CauseEvidence): KnownCause | null {
  const { isOurs, ending, reason, command } = evidence;
  const isByItself = ending !== null && !ending.isOrdered;
  // What crashed while we were about to restart it has crashed all the same.
  if (isByItself && !(isOurs && isSignal(ending))) return endOf(ending, evidence.errorLine);
  if (isOurs) return { cause: 'us', detail: 'pm2-liveness restarted it' };
  if (reason !== null) return reason;
  if (command === null) return null;
  return { cause: 'operator', detail: `pm2 ${command}, by a person or a program` };
}

/** PM2 stopped and started it, and nothing says for whom. */
export const UNKNOWN: KnownCause = {
  cause: 'unknown',
  detail: 'stopped and started through PM2, which does not say by whom',
};

/** A restart of which only PM2's list and its counter tell. */
export const UNSEEN: KnownCause = {
  cause: 'unseen',
  detail: 'not observed: nobody heard PM2 when it happened',
};

/** A start by a new daemon, or of a new entry: no restart by PM2, whose counter is 0. */
export const STARTED_AGAIN: KnownCause = {
  cause: 'operator',
  detail: 'started by a boot, `pm2 update` or a command; nobody heard PM2 when it happened',
};

/** That its `cron_restart` was due; it also starts what was stopped. */
export function cronCause(pattern: string, wasStopped: boolean): KnownCause {
  const shown = singleLine(pattern, 60);
  const stopped = wasStopped ? ', though the app had been stopped' : '';
  return { cause: 'cron', detail: `cron_restart '${shown}' was due${stopped}` };
}

function endOf({ code, signal, lifeMs }: Ending, errorLine: string | null): KnownCause {
  const after = `after ${durationText(lifeMs)}`;
  const error = errorLine === null ? '' : `: ${errorLine}`;
  if (code !== 0) return { cause: 'crash', detail: `crashed ${after}, exit code ${code}${error}` };
  if (signal !== null && signal !== 'SIGINT') {
    const who =
      signal === 'SIGKILL' ? ' (from outside, or by the system when memory is short)' : '';
    return { cause: 'crash', detail: `ended ${after} by ${signal}${who}${error}` };
  }
  const also = signal === null ? 'a signal' : 'SIGINT';
  const detail = `ended by itself ${after}, exit code 0 (or ${also}: PM2 does not tell them apart)`;
  return { cause: 'exit', detail: `${detail}${error}` };
}

/** Our own way to restart without `ps` ends a process by a signal. */
function isSignal({ code, signal }: Ending): boolean {
  return code === 0 && signal !== null;
}
