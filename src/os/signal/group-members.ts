import { readdirSync, readFileSync } from 'node:fs';
import { codeOf } from '../../errors.ts';
import { parseGroup, parseStat } from '../linux/stat.ts';
import type { ProcessIdentity } from '../os-reader.ts';

/** One process, as far as it matters to whose group it belongs. */
export interface GroupMember extends ProcessIdentity {
  readonly group: number;
  readonly session: number;
}

/** Asks the system about a group; each answer comes at once, because a proof holds for this moment only. */
export interface GroupReader {
  /** A process, a zombie too; null where the system does not show it (no /proc, no descriptors left). */
  read(pid: number): GroupMember | 'gone' | null;
  /** Everybody in a group, and any process that has its number as a pid; null where it is not known. */
  members(group: number): readonly GroupMember[] | null;
}

/** Linux tells; elsewhere nothing is known at once. */
export const systemGroups: GroupReader = {
  read: readMember,
  members: (group) => {
    const everybody = allPids()?.map(readMember) ?? [null];
    // With one who could not be read it is not known who is there.
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
    // ESRCH: it went while it was read.
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
