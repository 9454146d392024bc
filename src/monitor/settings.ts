import { formatProblems } from '../config/problem.ts';
import { readBlock, type Overrides } from '../config/target-config.ts';
import { messageOf } from '../errors.ts';
import { createProbe } from '../probe/registry.ts';
import { harmless } from '../report/harmless.ts';
import type { ManagedProcess } from '../pm2/process.ts';
import type { Misconfigured } from '../report/view.ts';
import { numberOf, type Configured } from './grouping.ts';

/** What is known of the settings of one pm_id. */
interface Known {
  readonly name: string;
  readonly source: string;
  /** The last good ones; null where none ever were. */
  readonly good: Pick<Configured, 'config' | 'instance'> | null;
  readonly problem: Misconfigured | null;
}

/** Reads the blocks of all listed apps, each once per change; a bad one leaves the last good one in force. */
export class Settings {
  readonly #overrides: Overrides;
  readonly #tell: (app: Misconfigured) => void;
  readonly #known = new Map<number, Known>();

  constructor(overrides: Overrides, tell: (app: Misconfigured) => void) {
    this.#overrides = overrides;
    this.#tell = tell;
  }

  has(pmId: number): boolean {
    return this.#known.has(pmId);
  }

  /** Forgets everybody but these, and gives the pm_ids it forgot. */
  retain(processes: readonly ManagedProcess[]): number[] {
    const names = new Map(processes.map(({ pmId, name }) => [pmId, name]));
    const gone = [...this.#known].filter(([pmId, { name }]) => names.get(pmId) !== name);
    for (const [pmId] of gone) this.#known.delete(pmId);
    return gone.map(([pmId]) => pmId);
  }

  /** The settings in force; null where there never were good ones. */
  read(process: ManagedProcess): Configured | null {
    const source = sourceOf(process);
    const known = this.#known.get(process.pmId);
    if (known?.source !== source) this.#readAnew(process, source, known?.good ?? null);
    const good = this.#known.get(process.pmId)?.good ?? null;
    return good && { process, ...good };
  }

  /** An app that cannot be watched, whatever its block says. */
  refuse(process: ManagedProcess, message: string): void {
    const known = this.#known.get(process.pmId);
    const source = known?.source ?? sourceOf(process);
    this.#refuse(process, source, known?.good ?? null, message);
  }

  /** Each problem once, however many instances of the app have it. */
  misconfigured(): Misconfigured[] {
    // Not their sources, which hold whatever the user wrote, secrets too.
    const problems = [...this.#known.values()].flatMap(({ problem }) => problem ?? []);
    return problems.filter(
      (problem, index) => problems.findIndex((other) => isSame(other, problem)) === index,
    );
  }

  #readAnew(process: ManagedProcess, source: string, before: Known['good']): void {
    const { pmId, name } = process;
    try {
      const read = readBlock(process.block, process.env, this.#overrides);
      if (!read.ok) {
        return this.#refuse(process, source, before, formatProblems(name, read.problems));
      }
      // What the schema cannot see (a CA that is no certificate) shows when the probe is made.
      createProbe(read.config.probe).stop();
      const good = { config: read.config, instance: numberOf(process) };
      this.#known.set(pmId, { name, source, good, problem: null });
    } catch (error) {
      // One app's surprise must not keep the others from being watched.
      this.#refuse(process, source, before, `${harmless(name)}: ${messageOf(error)}`);
    }
  }

  #refuse({ pmId, name }: ManagedProcess, source: string, good: Known['good'], message: string) {
    const problem = { name, pmId, message, isWatched: good !== null };
    const isKnown = this.misconfigured().some((other) => isSame(other, problem));
    this.#known.set(pmId, { name, source, good, problem });
    if (!isKnown) this.#tell(problem);
  }
}

function isSame(one: Misconfigured, other: Misconfigured): boolean {
  return one.name === other.name && one.message === other.message;
}

/** What the settings of an app come from: `${NAME}` is taken from its environment, which can change with every start. */
function sourceOf({ startedAt, block }: ManagedProcess): string {
  return `${startedAt} ${JSON.stringify(block)}`;
}
