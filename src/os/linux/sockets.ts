import type { LinuxProc } from './proc.ts';

/** After this many links others get their turn; some 1 ms. */
const LINKS_A_TURN = 256;

/** The most links that one question may cost; a machine with more keeps its secret. */
const MAX_LINKS = 200_000;

/** Which of `wanted` (inodes of sockets) a process holds; every one when nothing is wanted. */
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

/** Who holds each of the sockets: the likely ones are asked first, and everybody only when need be. */
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

/** Keeps a question about descriptors short for everybody else, and finite. */
export class LinkBudget {
  #links = 0;

  /** Counts one link; true when it is time to let others run. */
  isTurnOver(): boolean {
    this.#links += 1;
    return this.#links % LINKS_A_TURN === 0;
  }

  /** Resolves when others have run; false when all is spent. */
  async nextTurn(): Promise<boolean> {
    if (this.#links >= MAX_LINKS) return false;
    await new Promise((resolve) => setImmediate(resolve));
    return true;
  }
}
