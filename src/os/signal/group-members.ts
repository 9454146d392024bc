import { readdirSync, readFileSync } from 'node:fs';
import { codeOf } from '../../errors.ts';
import { parseGroup, parseStat } from '../linux/stat.ts';
import type { ProcessIdentity } from '../os-reader.ts';

/** One process, with its group and session. */
export interface GroupMember extends ProcessIdentity {
  readonly group: number;
  readonly session: number;
}

/** Asks the system about a group. Answers are synchronous, because a proof holds only at this moment. */
export interface GroupReader {
  /** A process, also a zombie; null where the system does not show it (no /proc, no descriptors left). */
  read(pid: number): GroupMember | 'gone' | null;
  /** All processes of a group, and the process whose pid is its number; null where not known. */
  members(group: number): readonly GroupMember[] | null;
}

/** Linux shows this; on other systems it is not known. */
export const systemGroups: GroupReader = {
  read: readMember,
  members: (group) => {
    const everybody = allPids()?.map(readMember) ?? [null];
    // With one unreadable process it is not known who is in the group.
    if (everybody.includes(null)) return null;
    return everybody
      .filter((each) => each !== null && each !== 'gone')
      .filter((each) => each.group === group || each.pid === group);
  },
};

function readMember(pid: number): GroupMember | 'gone' | null {
  if (process.platform !== 'linux') return null;
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [stat, group] = [parseStat(text), parseGroup(text)];
    if (stat === null || group === null) return null;
    return { pid, birth: String(stat.startTicks), group, session: stat.session };
  } catch (thrown) {
    // ESRCH: it exited while it was read.
    return ['ENOENT', 'ESRCH'].includes(codeOf(thrown) ?? '') ? 'gone' : null;
  }
}

function allPids(): number[] | null {
  try {
    const names = process.platform === 'linux' ? readdirSync('/proc') : [];
    const pids = names.filter((name) => /^\d+$/.test(name)).map(Number);
    return pids.length === 0 ? null : pids;
  } catch {
    return null;
  }
}
