import { systemGroups, type GroupMember, type GroupReader } from './group-members.ts';
import type { ProcessIdentity } from '../os-reader.ts';
import { isGroupThere, sendToGroup, systemKill, type Kill, type SignalName } from './signal.ts';

/** What signals a group, and what reads it. */
interface OwnGroupDeps {
  readonly kill: Kill;
  readonly groups: GroupReader;
}

const SYSTEM: OwnGroupDeps = { kill: systemKill, groups: systemGroups };

/**
 * The process group of a command that we started as its leader, signalled only while it is proven
 * to be ours:
 *
 * - Until Node has reported the leader's exit, its pid cannot be reused, because Node removes the
 *   process; and its birth, where it can be read, is still that of its start.
 * - After that, only while a process that the leader left is still in the group: while a group has a
 *   member, the system does not reuse its number. These processes are noted in the same turn in which
 *   the exit is reported; where the number is already reused then, none of them is ours.
 *
 * Where the system shows nothing of them (no /proc, no descriptors left), the processes that a leader
 * left are left alone.
 */
export class OwnGroup {
  readonly #deps: OwnGroupDeps;
  /** Null after the leader has exited and no process of it was left. */
  #id: number | null;
  /** The leader's birth; null where it cannot be read. */
  readonly #birth: string | null;
  #isLed = true;
  #left: readonly ProcessIdentity[] = [];

  /** Call this directly after the start of the leader. */
  constructor(leaderPid: number, deps: OwnGroupDeps = SYSTEM) {
    this.#deps = deps;
    this.#id = leaderPid;
    const leader = deps.groups.read(leaderPid);
    this.#birth = leader === null || leader === 'gone' ? null : leader.birth;
  }

  /** Signals the group, if it is still proven to be ours; returns true where the signal was sent. */
  signal(signal: SignalName): boolean {
    const id = this.#id;
    if (id === null || !this.#isProven(id)) return false;
    return sendToGroup(id, signal, this.#deps.kill) === 'sent';
  }

  /**
   * Call this in the same turn in which Node reports the leader's exit. Kills the processes that it left, or
   * with `mayWait` leaves them to a later `signal`; returns true where there are such processes then.
   */
  leaderEnded({ mayWait }: { readonly mayWait: boolean }): boolean {
    const { kill, groups } = this.#deps;
    const id = this.#id;
    this.#isLed = false;
    this.#id = null;
    // Usually no process is left, and this costs one system call.
    if (id === null || !isGroupThere(id, kill)) return false;
    const members = groups.members(id);
    this.#left = members === null ? [] : this.#ours(id, members);
    if (this.#left.length === 0) return false;
    this.#id = id;
    if (mayWait) return true;
    this.signal('SIGKILL');
    this.#id = null;
    return false;
  }

  /**
   * All processes in the leader's group and session; empty where the number now belongs to another process.
   */
  #ours(id: number, members: readonly GroupMember[]): readonly ProcessIdentity[] {
    if (members.some(({ pid }) => pid === id)) return [];
    const birth = Number(this.#birth ?? 0);
    return members.filter((each) => each.session === id && Number(each.birth) >= birth);
  }

  #isProven(id: number): boolean {
    const { groups } = this.#deps;
    if (this.#isLed) {
      const now = groups.read(id);
      // Unreadable (no descriptors left): then the proof is that Node has not reported the leader's exit.
      if (now === null || this.#birth === null) return now !== 'gone';
      return now !== 'gone' && now.birth === this.#birth;
    }
    return this.#left.some(({ pid, birth }) => {
      const now = groups.read(pid);
      return now !== null && now !== 'gone' && now.birth === birth && now.group === id;
    });
  }
}
