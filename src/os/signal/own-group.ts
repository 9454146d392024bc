import { systemGroups, type GroupMember, type GroupReader } from './group-members.ts';
import type { ProcessIdentity } from '../os-reader.ts';
import { isGroupThere, sendToGroup, systemKill, type Kill, type SignalName } from './signal.ts';

/** The system, as far as a group needs it. */
interface OwnGroupDeps {
  readonly kill: Kill;
  readonly groups: GroupReader;
}

const SYSTEM: OwnGroupDeps = { kill: systemKill, groups: systemGroups };

/**
 * The process group of a command that we started as its leader, signalled only while it is proven
 * to be ours:
 *
 * - While Node has not reported the leader's exit, its pid cannot be given to another, because Node
 *   is what clears it away; and its birth, where it can be read, is still the one it was started with.
 * - After that, only while one of the processes it left behind is still in the group: as long as a
 *   group has a member, the system gives its number to nobody. They are noted in the very turn of
 *   the leader's exit; where the number was given out again by then, there is nobody of ours.
 *
 * Where the system shows nothing of them (no /proc, no descriptors left), what an ended leader left
 * behind is left alone.
 */
export class OwnGroup {
  readonly #ports: OwnGroupDeps;
  /** Null when the leader has ended and nobody was left: forgotten for good. */
  #id: number | null;
  /** The leader's; null where it cannot be read. */
  readonly #birth: string | null;
  #isLed = true;
  #left: readonly ProcessIdentity[] = [];

  /** To be made right after the start. */
  constructor(leaderPid: number, ports: OwnGroupDeps = SYSTEM) {
    this.#ports = ports;
    this.#id = leaderPid;
    const leader = ports.groups.read(leaderPid);
    this.#birth = leader === null || leader === 'gone' ? null : leader.birth;
  }

  /** Signals everybody in the group, if it is still proven to be ours; returns whether it was sent. */
  signal(signal: SignalName): boolean {
    const id = this.#id;
    if (id === null || !this.#isProven(id)) return false;
    return sendToGroup(id, signal, this.#ports.kill) === 'sent';
  }

  /**
   * To be called in the very turn in which Node reports the leader's exit. Stops at once what it left
   * behind, or with `mayWait` leaves them to a later `signal`; returns whether there are such.
   */
  leaderEnded({ mayWait }: { readonly mayWait: boolean }): boolean {
    const { kill, groups } = this.#ports;
    const id = this.#id;
    this.#isLed = false;
    this.#id = null;
    // Usually nobody is left, and that costs one question.
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

  /** Everybody in the group and session that the leader made; nobody where its number is another's. */
  #ours(id: number, members: readonly GroupMember[]): readonly ProcessIdentity[] {
    if (members.some(({ pid }) => pid === id)) return [];
    const birth = Number(this.#birth ?? 0);
    return members.filter((each) => each.session === id && Number(each.birth) >= birth);
  }

  #isProven(id: number): boolean {
    const { groups } = this.#ports;
    if (this.#isLed) {
      const now = groups.read(id);
      // Unreadable (no descriptors left): then it is the proof that Node still has the leader.
      if (now === null || this.#birth === null) return now !== 'gone';
      return now !== 'gone' && now.birth === this.#birth;
    }
    return this.#left.some(({ pid, birth }) => {
      const now = groups.read(pid);
      return now !== null && now !== 'gone' && now.birth === birth && now.group === id;
    });
  }
}
