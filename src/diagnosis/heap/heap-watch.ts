import { askAgent } from '../../agent/client.ts';
import { heapMsOf, type AgentAsk } from '../../agent/shapes.ts';
import type { ProcessFacts } from '../../os/os-reader.ts';
import type { Observation } from '../../target/observation.ts';
import type { Clock } from '../../time/clock.ts';
import { withTimeout } from '../../time/deadline.ts';
import { heapLines } from './heap-lines.ts';
import { nextSnapshotFile } from './snapshot-files.ts';

/** That an app has no agent is known within this. */
const SOON_MS = 100;

/** The folder of the snapshots may be on a disk that hangs. */
const DISK_MS = 1_000;

/** An agent that keeps its own time says so within this. */
const SLACK_MS = 1_000;

/** What a look at a heap uses. */
export interface HeapDeps {
  readonly clock: Clock;
  readonly pm2Home: string;
  /** A test's own agent; absent is the app's. */
  readonly ask?: typeof askAgent;
  /** A test's own disk. */
  readonly nextFile?: typeof nextSnapshotFile;
}

/**
 * Finds out what fills the heap of an app that is about to be restarted for its memory. The app stands still while
 * its objects are counted: that is why this is not done before it is sure, and why it has a deadline.
 */
export class HeapWatch {
  readonly #deps: HeapDeps;
  #incarnation: string | null = null;
  #isLooking = false;
  #lines: readonly string[] | null = null;

  constructor(deps: HeapDeps) {
    this.#deps = deps;
  }

  /** One sentence, and what there is to say below it; null where nothing is known. */
  get lines(): readonly string[] | null {
    return this.#lines;
  }

  /** True while the app stands still because of us; for a bounded time. */
  get isLooking(): boolean {
    return this.#isLooking;
  }

  /** The app uses less again, or another incarnation runs. */
  forget(): void {
    [this.#incarnation, this.#isLooking, this.#lines] = [null, false, null];
  }

  /**
   * Asks the agent in the process that uses most, once for each incarnation. `wantsFile` asks for a heap snapshot too.
   * Resolves when that is over, at the latest after 100 ms; never rejects. An app without an agent is not delayed.
   */
  async begin(app: Observation, process: ProcessFacts, wantsFile: boolean): Promise<void> {
    const { incarnation } = app;
    if (incarnation === null || this.#incarnation === incarnation) return;
    [this.#incarnation, this.#isLooking, this.#lines] = [incarnation, true, null];
    const look = this.#note(incarnation, this.#look(app, process, wantsFile));
    await withTimeout(look, SOON_MS, undefined, this.#deps.clock);
  }

  async #note(incarnation: string, look: Promise<readonly string[] | null>): Promise<void> {
    const lines = await look.catch(() => null);
    if (this.#incarnation === incarnation) [this.#isLooking, this.#lines] = [false, lines];
  }

  async #look(
    { name }: Observation,
    { pid, birth }: ProcessFacts,
    wantsFile: boolean,
  ): Promise<readonly string[] | null> {
    const { pm2Home, ask = askAgent } = this.#deps;
    const file = wantsFile ? await this.#fileFor(name, pid) : null;
    const word: AgentAsk = file === null ? 'heap' : `heap ${file}`;
    const answer = await ask(pm2Home, { pid, birth }, word, heapMsOf(file) + SLACK_MS);
    return answer?.heap ? heapLines(answer.heap) : null;
  }

  /** Null where there can be no file, or the disk hangs. */
  #fileFor(name: string, pid: number): Promise<string | null> {
    const { clock, pm2Home, nextFile = nextSnapshotFile } = this.#deps;
    const file = nextFile(pm2Home, { name, pid }, clock.wall()).catch(() => null);
    return withTimeout(file, DISK_MS, null, clock);
  }
}
