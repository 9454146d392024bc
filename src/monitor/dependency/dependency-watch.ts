import type { Dependency } from '../../config/dependency.ts';
import { formatProblems } from '../../config/problem.ts';
import type { ManagedProcess } from '../../pm2/process.ts';
import type { DependencyStatus } from '../../report/view.ts';
import { problemKey, type Misconfigured } from '../../target/block-cache.ts';
import {
  cycleText,
  dependencyGraph,
  DEPENDS_ON_PATH,
  missingText,
  type DependencyGraph,
} from '../../target/dependency-graph.ts';
import type { Configured, Target } from '../../target/grouping.ts';
import { andMore } from '../../text/and-more.ts';
import { sanitizeLine } from '../../text/sanitize.ts';
import type { Decision } from '../../verdict/decision.ts';
import type { DependencyHold } from '../../verdict/dependency/dependency.ts';
import type { Verdict } from '../../verdict/verdict.ts';
import { stateOfApp, type DependencyProcess, type DependencyState } from './dependency-state.ts';
import { UrlWatch, type UrlWatchDeps, type WatchedUrl } from './url-watch.ts';

/** A deploy deletes an app and starts it again; a name that PM2 does not have for longer is a mistake. */
const MISSING_MS = 60_000;

/** An answer of a dependency is waited for this long before an app is judged without it. */
const ASK_MS = 5_000;

/** This many are named in a sentence. */
const MOST_NAMED = 3;

/** The worker of a watched process, as much as matters here. */
export interface DependencyWorker {
  readonly verdict: Verdict;
  /** When its last probe began; monotonic. */
  readonly askedAt: number;
  /** Probes it now. */
  askSoon(): void;
  /** Looks again how its own dependencies are. */
  learnDependencies(): void;
}

/** What it takes to know how dependencies are. */
export interface DependencyWatchDeps extends Omit<UrlWatchDeps, 'onChange'> {
  /** The worker of a target; undefined where it has none yet. */
  readonly workerOf: (key: string) => DependencyWorker | undefined;
  /** Reads PM2's list now. */
  readonly listSoon: () => void;
  /** Hears of each new problem once. */
  readonly tell: (problem: Misconfigured) => void;
}

const NOTHING: DependencyGraph = {
  processesOf: () => [],
  counted: new Map(),
  cycles: new Map(),
};

/** Knows for every app with `dependsOn` whether what it depends on is down (DESIGN §11). */
export class DependencyWatch {
  readonly #deps: DependencyWatchDeps;
  readonly #urls: UrlWatch;
  /** Of which target each process is, by pm_id. */
  #keys = new Map<number, string>();
  #graph = NOTHING;
  #listedAt = Number.NEGATIVE_INFINITY;
  /** Who depends on an app or URL: pm_ids by the dependency's key. */
  #dependents = new Map<string, number[]>();
  /** Since when PM2 lacks an app of this name. */
  readonly #missingSince = new Map<string, number>();
  #problems: readonly Misconfigured[] = [];

  constructor(deps: DependencyWatchDeps) {
    this.#deps = deps;
    this.#urls = new UrlWatch({ ...deps, onChange: (key) => this.#onChange(key) });
  }

  /** Takes over a list of PM2 that was asked for at `listedAt`, the settings in it, and the targets. */
  follow(
    processes: readonly ManagedProcess[],
    configured: readonly Configured[],
    targets: readonly Target[],
    listedAt: number,
  ): void {
    this.#listedAt = listedAt;
    const isUsed = configured.some(({ config }) => config.dependsOn !== undefined);
    if (!isUsed && this.#graph === NOTHING) return;
    this.#graph = isUsed ? dependencyGraph(configured, processes) : NOTHING;
    this.#keys = new Map();
    for (const { key, processes: of } of targets)
      for (const { pmId } of of) this.#keys.set(pmId, key);
    const dependents = new Map<string, number[]>();
    const urls = new Map<string, WatchedUrl>();
    for (const [pmId, dependsOn] of this.#graph.counted) {
      for (const each of dependsOn) {
        const known = dependents.get(each.key);
        if (known === undefined) dependents.set(each.key, [pmId]);
        else known.push(pmId);
        if (each.kind === 'url') urls.set(each.key, each);
      }
    }
    this.#dependents = dependents;
    this.#urls.follow([...urls.values()]);
    this.#findProblems(processes, configured);
  }

  /** Resolves when no URL is asked any more. Idempotent. */
  async stop(): Promise<void> {
    await this.#urls.stop();
  }

  /** What is wrong with the lists of dependencies. */
  misconfigured(): readonly Misconfigured[] {
    return this.#problems;
  }

  /**
   * What keeps the restarts of an app back. `badSince` is when it began to fail, and null while it does
   * not: a dependency that has not answered since then is asked first.
   */
  holdFor({ pmId, namespace }: App, badSince: number | null): DependencyHold | null {
    const dependsOn = this.#graph.counted.get(pmId);
    if (dependsOn === undefined) return null;
    const down: string[] = [];
    const unasked: Dependency[] = [];
    for (const each of dependsOn) {
      const { state, word, askedAt } = this.#stateOf(each, namespace);
      if (state === 'down') down.push(`${sanitizeLine(each.shown)} ${word}`);
      else if (state === 'up' && badSince !== null && askedAt < badSince) unasked.push(each);
    }
    if (down.length > 0) return { reason: listed(down), isDown: true };
    const isWaiting = badSince !== null && this.#deps.clock.now() < badSince + ASK_MS;
    if (unasked.length === 0 || !isWaiting) return null;
    for (const each of unasked) this.#askSoon(each, namespace);
    const names = listed(unasked.map(({ shown }) => sanitizeLine(shown)));
    return { reason: `${names} is asked first`, isDown: false };
  }

  /** How each dependency of an app is, for a person; those that do not count too. */
  statusOf({ pmId, namespace }: App, dependsOn: readonly Dependency[]): DependencyStatus[] {
    const counted = new Set(this.#graph.counted.get(pmId)?.map(({ key }) => key));
    return dependsOn.map((each) => {
      const name = each.shown;
      if (!counted.has(each.key)) {
        return { name, state: 'unknown', detail: 'does not count: it is part of a cycle' };
      }
      const { state, detail } = this.#stateOf(each, namespace);
      return { name, state: this.#isMissing(each) ? 'missing' : state, detail };
    });
  }

  /** An app changed its state: who depends on it looks again. */
  onDecision(name: string, { type }: Decision): void {
    if (type === 'transition') this.#onChange(name);
  }

  #onChange(key: string): void {
    for (const pmId of this.#dependents.get(key) ?? []) {
      this.#workerOf(pmId)?.learnDependencies();
    }
  }

  #workerOf(pmId: number): DependencyWorker | undefined {
    const key = this.#keys.get(pmId);
    return key === undefined ? undefined : this.#deps.workerOf(key);
  }

  #stateOf(dependency: Dependency, namespace: string): DependencyState {
    if (dependency.kind === 'url') return this.#urls.stateOf(dependency.key);
    const processes = this.#graph.processesOf(dependency.name, namespace);
    const state = stateOfApp(
      processes.map((each) => this.#known(each)),
      this.#listedAt,
    );
    if (state.state !== 'missing') return state;
    return this.#isMissing(dependency) ? state : { ...state, state: 'down' };
  }

  #known(process: ManagedProcess): DependencyProcess {
    const worker = this.#workerOf(process.pmId);
    return worker === undefined ? { process } : { process, watched: worker };
  }

  #askSoon(dependency: Dependency, namespace: string): void {
    if (dependency.kind === 'url') return this.#urls.askSoon(dependency.key);
    for (const { pmId } of this.#graph.processesOf(dependency.name, namespace)) {
      this.#workerOf(pmId)?.askSoon();
    }
    this.#deps.listSoon();
  }

  /** PM2 has had no app of this name for long. */
  #isMissing(dependency: Dependency): boolean {
    const since = dependency.kind === 'app' ? this.#missingSince.get(dependency.name) : undefined;
    return since !== undefined && this.#deps.clock.now() - since >= MISSING_MS;
  }

  #findProblems(processes: readonly ManagedProcess[], configured: readonly Configured[]): void {
    const names = new Set(processes.map(({ name }) => name));
    const wanted = new Set<string>();
    const problems = new Map<string, Misconfigured>();
    for (const { process, config } of configured) {
      if (config.dependsOn === undefined) continue;
      const texts: string[] = [];
      const cycle = this.#graph.cycles.get(process.pmId);
      if (cycle !== undefined) texts.push(cycleText(cycle));
      for (const each of config.dependsOn) {
        if (each.kind !== 'app' || names.has(each.name)) continue;
        wanted.add(each.name);
        if (!this.#missingSince.has(each.name)) this.#missingSince.set(each.name, this.#listedAt);
        if (this.#isMissing(each)) texts.push(missingText(each.shown, processes));
      }
      if (texts.length === 0) continue;
      const found = texts.map((message) => ({ path: DEPENDS_ON_PATH, message }));
      const { name, pmId } = process;
      const message = formatProblems(name, found);
      const effect = 'it is watched without them';
      const problem = { name, pmId, isWatched: true, message, effect };
      problems.set(problemKey(problem), problem);
    }
    for (const name of this.#missingSince.keys()) {
      if (!wanted.has(name)) this.#missingSince.delete(name);
    }
    const known = new Set(this.#problems.map(problemKey));
    this.#problems = [...problems.values()];
    for (const [key, problem] of problems) if (!known.has(key)) this.#deps.tell(problem);
  }
}

/** Which process asks, and in which namespace its dependencies are looked up first. */
interface App {
  readonly pmId: number;
  readonly namespace: string;
}

function listed(texts: readonly string[]): string {
  return texts.slice(0, MOST_NAMED).join(', ') + andMore(texts.length - MOST_NAMED);
}
