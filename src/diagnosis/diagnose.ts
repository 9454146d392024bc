import type { TargetConfig } from '../config/target-config.ts';
import type { BoundedFiles } from '../os/bounded-files.ts';
import type { ProcessIdentity } from '../os/os-reader.ts';
import { SHARED_MS, takenAtOf } from '../os/shared-reader.ts';
import { treeOf } from '../os/tree.ts';
import type { Sample } from '../probe/probe.ts';
import type { Load } from '../verdict/event.ts';
import type { OwnStart } from '../verdict/start/own-start.ts';
import type { Failure } from '../verdict/streak.ts';
import { findDebugger, mayBeHeld, type DebuggerDeps } from './debugger.ts';
import { askApp, type Ask } from './ask-app.ts';
import { portOf } from './probed-address.ts';
import type { PortHolder } from './port-holder.ts';
import { attributeToElsewhere, attributeToOther, notOfApp } from './port-holder-meaning.ts';
import { LoadWatch, type ProcessLook } from './load-watch.ts';
import type { HangWatch } from './hang/hang-watch.ts';
import type { HeapWatch } from './heap/heap-watch.ts';
import { FirstBuild } from './first-build/first-build.ts';
import { ClosedPort, type ClosedPortFinding } from './closed-port/closed-port.ts';
import { MemoryWatch } from './memory-watch.ts';
import { pidsOf, type Observation } from '../target/observation.ts';
import { PortWatch, type PortWatchDeps } from './port-watch.ts';
import { StoppedApp, type CannotEnd, type StopFinding } from './stopped-app.ts';

/** A proven orphan: the failure for the verdict, and its processes, which are to be stopped. */
export interface Orphan {
  readonly failure: Failure;
  readonly lives: readonly ProcessIdentity[];
  /** When the oldest of them started; wall milliseconds. */
  readonly sinceMs: number;
}

/** A sample, and what the system shows about the app's processes at that time. */
export interface Diagnosis {
  readonly sample: Sample;
  readonly load: Load;
  readonly orphan: Orphan | null;
  /** The debugger that holds the app, for people; null where there is none. */
  readonly debugger: string | null;
  /** A start of the app's own, which explains a closed port; null where there is none. */
  readonly ownStart: OwnStart | null;
  /** True where somebody else answered: the app should be probed again at its own address. */
  readonly isElsewhere: boolean;
}

/** What diagnoses a target. */
export type DiagnoserDeps = DebuggerDeps &
  PortWatchDeps & {
    /** For the logs and the source of apps, which may be on a disk that hangs; one for all targets. */
    readonly files: BoundedFiles;
    /** Absent where nobody asks what a hung app does. */
    readonly hang?: HangWatch;
    /** Absent where nobody asks what fills the memory of an app. */
    readonly heap?: HeapWatch;
  };

/** Finds out what the samples of one target mean, and remembers what it saw last. */
export class Diagnoser {
  readonly #deps: DiagnoserDeps;
  readonly #port: PortWatch;
  /** The incarnation that was seen to answer well at its probed address. */
  #answered: string | null = null;
  #wasOk = true;
  readonly #memory: MemoryWatch;
  readonly #closed: ClosedPort;
  readonly #load: LoadWatch;
  readonly #firstBuild: FirstBuild;
  readonly #stopped: StoppedApp;

  constructor(deps: DiagnoserDeps) {
    this.#deps = deps;
    this.#port = new PortWatch(deps);
    this.#memory = new MemoryWatch(deps.reader, deps.clock, deps.heap);
    this.#closed = new ClosedPort(deps);
    this.#load = new LoadWatch(deps);
    this.#firstBuild = new FirstBuild(deps.clock, deps.files);
    this.#stopped = new StoppedApp(deps);
  }

  /** What a silent app was doing, or what fills its memory: a sentence, then its stack; null where not known. */
  get doing(): readonly string[] | null {
    return this.#deps.heap?.lines ?? this.#deps.hang?.lines ?? null;
  }

  /** A note for people about who answers; null where there is none. */
  get portNote(): string | null {
    return this.#port.note;
  }

  /** The app's own addresses, where others have the rest of those that its name resolves to. */
  get only(): readonly string[] | undefined {
    return this.#port.only;
  }

  /** The processes of the app that the last looks prove to be stopped, or busy without end. */
  get cannotEnd(): CannotEnd {
    return this.#stopped.cannotEnd;
  }

  /** Looks whether a signal has stopped an app that is silent; `appPids` are the processes of all watched apps. */
  lookForStop(app: Observation, appPids: () => readonly number[]): Promise<StopFinding> {
    return this.#stopped.look(app, this.#port.holder, appPids);
  }

  /** The usual case: a good answer from the app's own port, which needs no look at the system; else null. */
  takeGood(app: Observation, config: TargetConfig, sample: Sample): Diagnosis | null {
    if (sample.kind !== 'ok' || config.maxTreeMemoryBytes !== null) return null;
    if (this.#port.standing(app, config, sample) !== 'confirmed') return null;
    this.#wasOk = true;
    this.noteGood(app, sample.at);
    return takeAsIs(sample);
  }

  /** Looks at the system where this can change what the sample means. */
  async diagnose(app: Observation, config: TargetConfig, sample: Sample): Promise<Diagnosis> {
    const plain = takeAsIs(sample);
    if (sample.kind === 'unknown') return plain;
    const isFirstFailure = sample.kind === 'fail' && this.#wasOk;
    this.#wasOk = sample.kind === 'ok';
    // Where nobody listened, the next process that answers must be checked again.
    if (sample.kind === 'fail' && sample.class === 'refused') this.#port.forget();
    const standing = this.#port.standing(app, config, sample);
    const isConfirmed =
      standing === 'confirmed' || (standing === 'due' && (await this.#port.recheck(sample)));
    if (sample.kind === 'ok') {
      if (!isConfirmed) return this.#judgePort(app, config, sample);
      if (config.maxTreeMemoryBytes === null) return plain;
      const { maxTreeMemoryBytes: limit, heapSnapshot: wantsSnapshot = false } = config;
      return { ...plain, sample: await this.#memory.judge(app, limit, { sample, wantsSnapshot }) };
    }
    const debug = mayBeHeld(sample) ? await this.#debugger(app, config) : null;
    if (debug?.by) return { ...plain, debugger: debug.by };
    const explained = this.#memory.explain(app, config.maxTreeMemoryBytes, sample);
    if (explained !== sample) return { ...plain, sample: explained };
    if (sample.class === 'timeout')
      this.#deps.hang?.begin(app, this.#port.holder.pid, config.diagnose === 'inspector');
    if (isFirstFailure || !isConfirmed) {
      const found = await this.#judgePort(app, config, sample);
      if (found.isElsewhere || found.orphan !== null || found.sample !== sample) return found;
    }
    if (sample.class !== 'timeout' || debug === null || sample.isStopped === true) return plain;
    const isDecisive = config.policy.failureThreshold === 1;
    const { pid: holderPid } = this.#port.holder;
    const load = await this.#load.measure(app, debug.look, { isDecisive, holderPid });
    return { ...plain, load };
  }

  /** Notes that the app itself answered well when it was asked at `at` (monotonic). */
  noteGood(app: Observation, at: number): void {
    this.#deps.hang?.forget();
    this.#closed.noteGood(app, at);
    this.#firstBuild.noteGood(at);
  }

  /** Says why nobody listens for the app; `isProven` is whether it ever answered well under this block. */
  explainClosedPort(
    app: Observation,
    config: TargetConfig,
    sample: Sample,
    isProven: boolean,
  ): Promise<ClosedPortFinding> {
    const { pid: holder } = this.#port.holder;
    return this.#closed.explain(app, config, sample, { holder, isProven });
  }

  /** Says of a silent app whether its log shows that its source does not compile. */
  explainSource(...about: Parameters<FirstBuild['explain']>): Promise<Sample> {
    return this.#firstBuild.explain(...about);
  }

  /** The orphan that holds the port of an app which PM2 no longer runs; null where there is none. */
  async findOrphan(app: Observation, config: TargetConfig): Promise<Orphan | null> {
    const holder = await this.#port.findHolder(app, config);
    return holder.kind === 'orphan' && config.reapOrphans ? orphanOf(holder) : null;
  }

  /** Probes once outside the interval, and keeps nothing. */
  async once(app: Observation, config: TargetConfig, ask: Ask): Promise<Sample> {
    return (await askApp(app, config, this.#deps, ask)).sample;
  }

  /** The debugger that holds the app, for people; null where there is none. */
  async findDebugger(app: Observation, config: TargetConfig): Promise<string | null> {
    return (await this.#debugger(app, config)).by;
  }

  /** The debugger, and the look at the processes that the search used. */
  async #debugger(
    app: Observation,
    { probe }: TargetConfig,
  ): Promise<{ readonly by: string | null; readonly look: ProcessLook }> {
    const { reader, clock } = this.#deps;
    const pids = pidsOf(app);
    const table = pids.length > 0 ? await reader.processes(pids, SHARED_MS) : null;
    const trees = table === null ? [] : pids.map((pid) => treeOf(table, pid));
    const look = { at: table === null ? clock.now() : takenAtOf(table, clock.now()), trees };
    const probedPort = portOf(probe);
    const known = { hasAnswered: this.#answered === app.incarnation, probedPort };
    // Our own connection to its inspector looks like a debugger's.
    if (this.#deps.hang?.isInspecting === true) return { by: null, look };
    for (const member of app.members ?? [app]) {
      const by = await findDebugger(member, table, known, this.#deps);
      if (by !== null) return { by, look };
    }
    return { by: null, look };
  }

  /** Finds who answered at the app's port, and what the sample then means. */
  async #judgePort(app: Observation, config: TargetConfig, sample: Sample): Promise<Diagnosis> {
    const { holder, isOwn } = await this.#port.look(app, config, sample);
    const plain = takeAsIs(sample);
    switch (holder.kind) {
      case 'accepted':
      case 'beside':
        if (!isOwn) return { ...plain, isElsewhere: true, sample: notOfApp(sample) };
        if (sample.kind === 'ok') this.#answered = app.incarnation;
        return plain;
      case 'elsewhere':
      case 'drifted': {
        const hasAnswered = this.#answered === app.incarnation;
        return { ...plain, sample: attributeToElsewhere(sample, holder, hasAnswered) };
      }
      case 'orphan':
        if (config.reapOrphans) return { ...plain, orphan: orphanOf(holder) };
        return { ...plain, sample: attributeToOther(sample, holder) };
      case 'unsure':
      case 'stranger':
        return { ...plain, sample: attributeToOther(sample, holder) };
    }
  }
}

/** The diagnosis of a sample that means what it says. */
function takeAsIs(sample: Sample): Diagnosis {
  return {
    sample,
    load: 'unknown',
    orphan: null,
    debugger: null,
    ownStart: null,
    isElsewhere: false,
  };
}

function orphanOf({ detail, lives }: Extract<PortHolder, { kind: 'orphan' }>): Orphan {
  const sinceMs = Math.min(...lives.map(({ startedAtMs }) => startedAtMs));
  return { failure: { kind: 'fail', class: 'orphan', detail }, lives, sinceMs };
}
