import { codeOf } from '../../errors.ts';
import type { ProcessIdentity, OsReader } from '../os-reader.ts';

/** The signals that we send; SIGUSR1 only to a process that was seen to catch it: any other would die of it. */
export type SignalName = 'SIGTERM' | 'SIGKILL' | 'SIGUSR1';

/** The result of a signal; `unproven`: not sent, because the pid may belong to another process. */
type Signalled = 'sent' | 'gone' | 'refused' | 'unproven';

/** Sends a signal and returns the result. Never throws. */
export type SendSignal = (pid: number, signal: SignalName) => Exclude<Signalled, 'unproven'>;

/** The system call, replaced in tests; throws an error with a `code`. */
export type Kill = (pid: number, signal: SignalName | 0) => void;

/**
 * The only `process.kill` of the monitor; a lint rule forbids all others. The caller has proven just before
 * that the pid still belongs to the process: `signalProcess` by its birth, `OwnGroup` for a group that we
 * started. A pid alone proves nothing, because the system reuses it.
 */
export const systemKill: Kill = (pid, signal) => {
  process.kill(pid, signal);
};

/** Sends to one process, never to a group. Only after a proof, see `systemKill`. */
export const sendSignal: SendSignal = (pid, signal) => {
  // 0 and negative pids are whole groups, also our own.
  if (!isForeignId(pid)) return 'refused';
  return attempt(() => systemKill(pid, signal));
};

/**
 * Signals exactly this process: its birth is read again just before. A pid that now belongs to another
 * process gets no signal, and one whose birth cannot be read gets none either. Never throws.
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

/** Signals a group that was proven just before, see `OwnGroup`. Never throws. */
export function sendToGroup(id: number, signal: SignalName, kill: Kill): Signalled {
  return isForeignId(id) ? attempt(() => kill(-id, signal)) : 'refused';
}

/** True where a group has a process; sends nothing. */
export function isGroupThere(id: number, kill: Kill): boolean {
  if (!isForeignId(id)) return false;
  try {
    kill(-id, 0);
    return true;
  } catch (thrown) {
    // EPERM: there is a process, of another user.
    return codeOf(thrown) === 'EPERM';
  }
}

/** True for the pid of one process, not pid 1 and not ourselves. */
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
