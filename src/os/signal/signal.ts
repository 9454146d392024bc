import { codeOf } from '../../errors.ts';
import type { ProcessIdentity, OsReader } from '../os-reader.ts';

/** The signals that we send. */
export type SignalName = 'SIGTERM' | 'SIGKILL';

/** What became of a signal; `unproven` is one that was not sent, because the pid may be another's. */
type Signalled = 'sent' | 'gone' | 'refused' | 'unproven';

/** Sends a signal, and says what became of it. Never throws. */
export type SendSignal = (pid: number, signal: SignalName) => Exclude<Signalled, 'unproven'>;

/** The system's own call, replaced in tests; throws with a `code`. */
export type Kill = (pid: number, signal: SignalName | 0) => void;

/**
 * The one `process.kill` of the monitor; a lint rule forbids all others. The sender has proven
 * right before that the number is still that of the process it means: `signalProcess` by its birth,
 * `OwnGroup` for a group that we started. A number alone proves nothing, for the system hands it
 * out again.
 */
export const systemKill: Kill = (pid, signal) => {
  process.kill(pid, signal);
};

/** Sends through the system, to one process and never to a group. Only behind a proof: see above. */
export const sendSignal: SendSignal = (pid, signal) => {
  // 0 and negative pids are whole groups, ours among them.
  if (!isForeignId(pid)) return 'refused';
  return attempt(() => systemKill(pid, signal));
};

/**
 * Signals exactly this process: its birth is read again right before, so that a pid that was given to
 * another meanwhile gets nothing, and neither does one whose birth cannot be read. Never throws.
 */
export async function signalProcess(
  { pid, birth }: ProcessIdentity,
  signal: SignalName,
  reader: Pick<OsReader, 'births'>,
  send: SendSignal = sendSignal,
): Promise<Signalled> {
  const births = await reader.births([pid]);
  if (births === null) return 'unproven';
  const now = births.get(pid);
  if (now === undefined) return 'gone';
  return now === birth ? send(pid, signal) : 'unproven';
}

/** Signals all of a group that was proven right before, see `OwnGroup`. Never throws. */
export function sendToGroup(id: number, signal: SignalName, kill: Kill): Signalled {
  return isForeignId(id) ? attempt(() => kill(-id, signal)) : 'refused';
}

/** Whether a group has anybody in it; sends nothing. */
export function isGroupThere(id: number, kill: Kill): boolean {
  if (!isForeignId(id)) return false;
  try {
    kill(-id, 0);
    return true;
  } catch (thrown) {
    // EPERM: there is somebody, of another user.
    return codeOf(thrown) === 'EPERM';
  }
}

/** The number of somebody, who is neither the first process nor ourselves. */
function isForeignId(pid: number): boolean {
  return Number.isSafeInteger(pid) && pid > 1 && pid !== process.pid;
}

function attempt(kill: () => void): Exclude<Signalled, 'unproven'> {
  try {
    kill();
    return 'sent';
  } catch (thrown) {
    return codeOf(thrown) === 'ESRCH' ? 'gone' : 'refused';
  }
}
