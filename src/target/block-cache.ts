import { formatProblems } from '../config/problem.ts';
import { maskSecrets } from '../config/secrets/secrets.ts';
import { readBlock, type Overrides, type TargetConfig } from '../config/target-config.ts';
import { messageOf } from '../errors.ts';
import { createProbe } from '../probe/registry.ts';
import { sanitizeLine } from '../text/sanitize.ts';
import type { ManagedProcess } from '../pm2/process.ts';
import { numberOf, type Configured } from './grouping.ts';

/** An app with a bad block, and what is wrong with it. */
export interface Misconfigured {
  readonly name: string;
  readonly pmId: number;
  /** True where the last good block is still in force. */
  readonly isWatched: boolean;
  readonly message: string;
  /** What holds meanwhile, where it is neither its last good block nor nothing. */
  readonly effect?: string;
}

/** What is known about the settings of one pm_id. */
interface Known {
  readonly name: string;
  readonly source: string;
  /** The last good ones; null where there were none. */
  readonly good: Pick<Configured, 'config' | 'instance'> | null;
  readonly problem: Misconfigured | null;
}

/**
 * Reads the blocks of all listed apps, each once per change. With a bad block the last good one stays in
 * force.
 */
export class BlockCache {
  readonly #overrides: Overrides;
  readonly #tell: (app: Misconfigured) => void;
  readonly #known = new Map<number, Known>();
  /**
   * How many pm_ids have each problem, so that a thousand bad blocks need not be compared with each other.
   */
  readonly #holders = new Map<string, number>();

  constructor(overrides: Overrides, tell: (app: Misconfigured) => void) {
    this.#overrides = overrides;
    this.#tell = tell;
  }

  has(pmId: number): boolean {
    return this.#known.has(pmId);
  }

  /** Forgets all but these, and returns the pm_ids that it forgot. */
  retain(processes: readonly ManagedProcess[]): number[] {
    const names = new Map(processes.map(({ pmId, name }) => [pmId, name]));
    const gone = [...this.#known].filter(([pmId, { name }]) => names.get(pmId) !== name);
    for (const [pmId] of gone) this.#forget(pmId);
    return gone.map(([pmId]) => pmId);
  }

  /** The settings in force; null where there were never good ones. */
  read(process: ManagedProcess): Configured | null {
    const source = sourceOf(process);
    const known = this.#known.get(process.pmId);
    if (known?.source !== source) this.#readAnew(process, source, known?.good ?? null);
    const good = this.#known.get(process.pmId)?.good ?? null;
    return good && { process, ...good };
  }

  /** Notes an app that cannot be watched, for a reason outside its block. */
  refuse(process: ManagedProcess, message: string): void {
    const known = this.#known.get(process.pmId);
    const source = known?.source ?? sourceOf(process);
    this.#refuse(process, source, known?.good ?? null, message);
  }

  /** Each problem once, no matter how many instances of the app have it. */
  misconfigured(): Misconfigured[] {
    // Not the sources: they hold what the user wrote, also secrets.
    const shown = new Map<string, Misconfigured>();
    for (const { problem } of this.#known.values()) {
      if (problem !== null && !shown.has(problemKey(problem)))
        shown.set(problemKey(problem), problem);
    }
    return [...shown.values()];
  }

  #readAnew(process: ManagedProcess, source: string, before: Known['good']): void {
    const { pmId, name } = process;
    let secrets: TargetConfig['secrets'];
    try {
      const read = readBlock(process.block, process.env, this.#overrides);
      if (!read.ok) {
        return this.#refuse(
          process,
          source,
          before,
          formatProblems(name, read.problems, process.blockFrom),
        );
      }
      // What the schema cannot check (a CA that is no certificate) shows when the probe is made.
      secrets = read.config.secrets;
      createProbe(read.config.probe).stop();
      const { blockFrom } = process;
      const config = { ...read.config, ...(blockFrom && { blockFrom }) };
      const good = { config, instance: numberOf(process) };
      this.#know(pmId, { name, source, good, problem: null });
    } catch (error) {
      // An error with one app must not prevent the watch of the others.
      this.#refuse(
        process,
        source,
        before,
        `${sanitizeLine(name)}: ${maskSecrets(messageOf(error), secrets)}`,
      );
    }
  }

  #refuse({ pmId, name }: ManagedProcess, source: string, good: Known['good'], message: string) {
    const problem = { name, pmId, message, isWatched: good !== null };
    const isKnown = this.#holders.has(problemKey(problem));
    this.#know(pmId, { name, source, good, problem });
    if (!isKnown) this.#tell(problem);
  }

  #know(pmId: number, known: Known): void {
    this.#forget(pmId);
    this.#known.set(pmId, known);
    if (known.problem !== null) this.#count(known.problem, 1);
  }

  #forget(pmId: number): void {
    const problem = this.#known.get(pmId)?.problem ?? null;
    this.#known.delete(pmId);
    if (problem !== null) this.#count(problem, -1);
  }

  #count(problem: Misconfigured, more: 1 | -1): void {
    const key = problemKey(problem);
    const holders = (this.#holders.get(key) ?? 0) + more;
    if (holders > 0) this.#holders.set(key, holders);
    else this.#holders.delete(key);
  }
}

/** A key that is equal for problems which a person would take for one. */
export function problemKey({ name, message }: Misconfigured): string {
  return JSON.stringify([name, message]);
}

/**
 * The source of an app's settings. `${NAME}` comes from its environment, which can change with every start.
 */
function sourceOf({ startedAt, block, blockFrom }: ManagedProcess): string {
  return `${startedAt} ${blockFrom ?? 'pm2'} ${JSON.stringify(block)}`;
}
