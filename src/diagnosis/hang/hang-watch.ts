import { askAgent } from '../../agent/client.ts';
import type { AgentAnswer } from '../../agent/shapes.ts';
import { askInspector } from '../inspector/ask-inspector.ts';
import { hideArguments } from '../../config/secrets/word-secrets.ts';
import type { OsReader, ProcessIdentity, ProcessTable } from '../../os/os-reader.ts';
import type { Observation } from '../../target/observation.ts';
import type { Clock } from '../../time/clock.ts';
import { withTimeout } from '../../time/deadline.ts';
import { treeOf } from '../../os/tree.ts';
import { busyShare } from '../cpu-load.ts';
import type { HangFacts } from './facts.ts';
import { hangLines } from './sentence.ts';

/** CPU time has steps of 10 ms. */
const APART_MS = 250;

/** A look that takes longer is dropped; nothing waits for it. */
const LOOK_MS = 4_000;
const ASK_MS = 3_000;

const MOST_CHILDREN = 3;

/** What looking at a hang uses. */
export interface HangDeps {
  readonly reader: OsReader;
  readonly clock: Clock;
  readonly pm2Home: string;
  /** A test's own agent; absent is the app's. */
  readonly ask?: typeof askAgent;
  /** Asks the app's inspector where it has no agent; absent is nobody. Bounded in time, never rejects. */
  readonly inspect?: (process: ProcessIdentity) => Promise<AgentAnswer | null>;
}

/**
 * Finds out what an app does while it does not answer. Begins with the first check that times out, while that
 * is not yet proven, so that no restart waits for it.
 */
export class HangWatch {
  readonly #deps: HangDeps;
  #incarnation: string | null = null;
  #lines: readonly string[] | null = null;
  #inspections = 0;

  constructor(deps: HangDeps) {
    this.#deps = deps;
  }

  /** One sentence, and the stack below it; null where nothing is known, and for an app that answers. */
  get lines(): readonly string[] | null {
    return this.#lines;
  }

  /** True while we may be connected to the app's inspector ourselves. */
  get isInspecting(): boolean {
    return this.#inspections > 0;
  }

  /** The app answers again, or another incarnation runs. */
  forget(): void {
    this.#incarnation = null;
    this.#lines = null;
  }

  /**
   * Looks once for each hang at the process that listens for the app, `holderPid` where it is known; may open Node's
   * inspector where `mayOpen` says so. Returns at once, and never throws.
   */
  begin(app: Observation, holderPid: number | null = null, mayOpen = false): void {
    const { incarnation } = app;
    if (app.pid === 0 || incarnation === null || this.#incarnation === incarnation) return;
    this.forget();
    this.#incarnation = incarnation;
    void this.#look(app, incarnation, { holderPid, mayOpen });
  }

  async #look(
    { pid, cwd }: Observation,
    incarnation: string,
    known: { readonly holderPid: number | null; readonly mayOpen: boolean },
  ): Promise<void> {
    const inspect = async (process: ProcessIdentity): Promise<AgentAnswer | null> => {
      this.#inspections += 1;
      // What a wrapper has started gets no signal.
      const mayOpen = known.mayOpen && process.pid === pid;
      try {
        return await askInspector({ process, cwd, mayOpen }, this.#deps);
      } finally {
        this.#inspections -= 1;
      }
    };
    try {
      const look = lookAtHang(pid, { inspect, ...this.#deps }, known.holderPid);
      const facts = await withTimeout(look, LOOK_MS, null, this.#deps.clock);
      if (this.#incarnation === incarnation && facts !== null) this.#lines = hangLines(facts);
    } catch {
      // What cannot be seen is not known.
    }
  }
}

const NOBODY = async (): Promise<null> => null;

/**
 * Looks at a process twice, and asks its agent meanwhile; null where the process cannot be seen. It is the one that
 * PM2 runs, `rootPid`, or below a wrapper like npm the one that listens, `holderPid`.
 */
export async function lookAtHang(
  rootPid: number,
  { reader, clock, pm2Home, ask = askAgent, inspect = NOBODY }: HangDeps,
  holderPid: number | null = null,
): Promise<HangFacts | null> {
  const at = clock.now();
  const before = await reader.processes([rootPid]);
  const isBelow = before && treeOf(before, rootPid).some((each) => each.pid === holderPid);
  const pid = isBelow === true && holderPid !== null ? holderPid : rootPid;
  const first = before?.get(pid);
  if (first === undefined) return null;
  const [answer] = await Promise.all([
    ask(pm2Home, { pid, birth: first.birth }, 'look', ASK_MS),
    clock.sleep(APART_MS),
  ]);
  const agent = answer ?? (first.state === 'stopped' ? null : await inspect(first));
  const thread = await reader.mainThread(pid);
  const after = await reader.processes([pid]);
  const last = after?.get(pid);
  if (!after || last?.birth !== first.birth) return null;
  return {
    state: last.state,
    channel: thread?.channel ?? null,
    share: busyShare([first], [last], clock.now() - at),
    rssBytes: last.rssBytes,
    children: await childrenOf(pid, after, reader),
    agent,
  };
}

/** Their command lines are read, and what may be a secret in them is hidden. */
async function childrenOf(
  pid: number,
  table: ProcessTable,
  reader: OsReader,
): Promise<readonly string[]> {
  const pids = treeOf(table, pid)
    .filter((each) => each.ppid === pid)
    .toSorted((one, other) => other.startedAtMs - one.startedAtMs)
    .map((each) => each.pid)
    .slice(0, MOST_CHILDREN);
  if (pids.length === 0) return [];
  const named = await reader.processes(pids);
  return pids.flatMap((each) => {
    const facts = named?.get(each);
    return facts === undefined ? [] : [`${hideArguments(facts.command)}, pid ${each}`];
  });
}
