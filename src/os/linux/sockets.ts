import type { LinuxProc } from './proc.ts';

/** After this many links the event loop gets a turn; about 1 ms. */
const LINKS_A_TURN = 256;

/** At most this many links are read for one question; with more the answer is unknown. */
const MAX_LINKS = 200_000;

/** The sockets (inodes) of `wanted` that a process holds; all that it holds where `wanted` is absent. */
export async function socketsOf(
  proc: LinuxProc,
  pid: number,
  budget: LinkBudget,
  wanted?: ReadonlySet<string>,
): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  for (const name of proc.names(`${pid}/fd`) ?? []) {
    if (budget.isTurnOver() && !(await budget.nextTurn())) break;
    const inode = /^socket:\[(\d+)\]$/.exec(proc.link(`${pid}/fd/${name}`) ?? '')?.[1];
    if (inode !== undefined && (wanted === undefined || wanted.has(inode))) found.add(inode);
  }
  return found;
}

/**
 * The processes that hold each of the sockets. Likely processes are read first, all others only where needed.
 */
export async function holdersOf(
  proc: LinuxProc,
  inodes: ReadonlySet<string>,
  likelyPids: readonly number[],
): Promise<ReadonlyMap<string, readonly number[]>> {
  const holders = new Map<string, number[]>();
  const budget = new LinkBudget();
  const ask = async (pid: number): Promise<void> => {
    for (const inode of await socketsOf(proc, pid, budget, inodes)) {
      holders.set(inode, [...(holders.get(inode) ?? []), pid]);
    }
  };
  const likely = new Set(likelyPids);
  for (const pid of likely) await ask(pid);
  if (holders.size === inodes.size) return holders;
  for (const pid of proc.pids() ?? []) {
    if (!likely.has(pid)) await ask(pid);
  }
  return holders;
}

/** Bounds the links that one question reads, and gives the event loop its turns. */
export class LinkBudget {
  #links = 0;

  /** Counts one link; true when the event loop should get a turn. */
  isTurnOver(): boolean {
    this.#links += 1;
    return this.#links % LINKS_A_TURN === 0;
  }

  /** Resolves after a turn of the event loop; false when the budget is spent. */
  async nextTurn(): Promise<boolean> {
    if (this.#links >= MAX_LINKS) return false;
    await new Promise((resolve) => setImmediate(resolve));
    return true;
  }
}
