import type { TargetConfig } from '../config/target-config.ts';
import type { Life } from '../os/os-reader.ts';
import { takenAtOf } from '../os/shared-reader.ts';
import { treeOf } from '../os/tree.ts';
import type { Sample } from '../probe/probe.ts';
import type { Load } from '../verdict/event.ts';
import type { Failure } from '../verdict/streak.ts';
import { debuggerOf, type DebuggerDeps } from './debugger.ts';
import { askApp, type Ask } from './ask-app.ts';
import { portOf } from './probed-address.ts';
import type { PortHolder } from './port-holder.ts';
import { asElsewhere, asOther } from './port-holder-meaning.ts';
import { SHARED_MS, treesOfApp } from './find-port-holder.ts';
import { loadOf, type Tree } from './cpu-load.ts';
import { MemoryWatch } from './memory-watch.ts';
import { pidsOf, type Observation } from '../target/observation.ts';
import { PortWatch, type PortWatchDeps } from './port-watch.ts';

/** CPU time moves in steps of 10 ms: looks closer together than this say little. */
const LOOK_APART_MS = 250;

/** A look older than this is no measure of the present. */
const LOOK_STALE_MS = 30_000;

/** A proven left-over, as evidence, and the lives to be ended. */
export interface Orphan {
  readonly failure: Failure;
  readonly lives: readonly Life[];
  /** When the oldest of them began; wall milliseconds. */
  readonly sinceMs: number;
}

/** A sample in the light of what the system says of the app's processes. */
export interface Diagnosis {
  readonly sample: Sample;
  readonly load: Load;
  readonly orphan: Orphan | null;
  /** Who holds the app up as a debugger does, for a person; null is nobody. */
  readonly debugger: string | null;
  /** True where the app is to be asked anew, at its own address: the answer came from another. */
  readonly isElsewhere: boolean;
}

/** The app's processes at one moment. */
interface Look {
  readonly at: number;
  readonly trees: readonly Tree[];
}

/** What an inspector needs. */
export type DiagnoserDeps = DebuggerDeps & PortWatchDeps;

/** Looks behind the samples of one target; remembers what it saw last. */
export class Diagnoser {
  readonly #ports: DiagnoserDeps;
  readonly #port: PortWatch;
  /** The life that was seen to answer well where it is asked. */
  #answered: string | null = null;
  #wasOk = true;
  readonly #memory: MemoryWatch;
  #look: Look | null = null;

  constructor(ports: DiagnoserDeps) {
    this.#ports = ports;
    this.#port = new PortWatch(ports);
    this.#memory = new MemoryWatch(ports.reader, ports.clock);
  }

  /** What a person is to know of who answers; null is nothing. */
  get portNote(): string | null {
    return this.#port.note;
  }

  /** The app's own addresses, where others have the rest of those that its name leads to. */
  get only(): readonly string[] | undefined {
    return this.#port.only;
  }

  /** Looks where a look can change what the sample means; most samples cost nothing here. */
  async diagnose(app: Observation, config: TargetConfig, sample: Sample): Promise<Diagnosis> {
    const plain = plainly(sample);
    if (sample.kind === 'unknown') return plain;
    const isFirstFailure = sample.kind === 'fail' && this.#wasOk;
    this.#wasOk = sample.kind === 'ok';
    // Where nobody listened, whoever answers next is to be looked at anew.
    if (sample.kind === 'fail' && sample.class === 'refused') this.#port.forget();
    const standing = this.#port.standing(app, config, sample);
    const isConfirmed =
      standing === 'confirmed' || (standing === 'due' && (await this.#port.recheck(sample)));
    if (sample.kind === 'ok') {
      if (!isConfirmed) return this.#atPort(app, config, sample);
      if (config.maxTreeMemoryBytes === null) return plain;
      const { maxTreeMemoryBytes: limit } = config;
      return { ...plain, sample: await this.#memory.judge(app, limit, sample) };
    }
    const debug = mayBeHeld(sample) ? await this.#debugger(app, config) : null;
    if (debug?.by) return { ...plain, debugger: debug.by };
    if (isFirstFailure || !isConfirmed) {
      const found = await this.#atPort(app, config, sample);
      if (found.isElsewhere || found.orphan !== null || found.sample !== sample) return found;
    }
    if (sample.class !== 'timeout' || debug === null) return plain;
    const isDecisive = config.policy.failureThreshold === 1;
    return { ...plain, load: await this.#atWork(app, debug.look, isDecisive) };
  }

  /** Whether a left-over holds the port of an app that PM2 no longer runs. */
  async findOrphan(app: Observation, config: TargetConfig): Promise<Orphan | null> {
    const holder = await this.#port.holder(app, config);
    return holder.kind === 'orphan' && config.reapOrphans ? orphanOf(holder) : null;
  }

  /** Asks once beside the rhythm, and remembers nothing of it. */
  async once(app: Observation, config: TargetConfig, ask: Ask): Promise<Sample> {
    return (await askApp(app, config, this.#ports, ask)).sample;
  }

  /** Who steps through the app, for a person to read; null is nobody. */
  async debuggerOf(app: Observation, config: TargetConfig): Promise<string | null> {
    return (await this.#debugger(app, config)).by;
  }

  /** The debugger, and the look at the processes that the search for it took. */
  async #debugger(
    app: Observation,
    { probe }: TargetConfig,
  ): Promise<{ readonly by: string | null; readonly look: Look }> {
    const { reader, clock } = this.#ports;
    const pids = pidsOf(app);
    const table = pids.length > 0 ? await reader.processes(pids, SHARED_MS) : null;
    const trees = table === null ? [] : pids.map((pid) => treeOf(table, pid));
    const look = { at: table === null ? clock.now() : takenAtOf(table, clock.now()), trees };
    const askedPort = portOf(probe);
    const known = { hasAnswered: this.#answered === app.incarnation, askedPort };
    for (const member of app.members ?? [app]) {
      const by = await debuggerOf(member, table, known, this.#ports);
      if (by !== null) return { by, look };
    }
    return { by: null, look };
  }

  async #atPort(app: Observation, config: TargetConfig, sample: Sample): Promise<Diagnosis> {
    const { holder, isOwn } = await this.#port.look(app, config, sample);
    const plain = plainly(sample);
    switch (holder.kind) {
      case 'accepted':
      case 'beside':
        if (!isOwn) return { ...plain, isElsewhere: true, sample: notOfApp(sample) };
        if (sample.kind === 'ok') this.#answered = app.incarnation;
        return plain;
      case 'elsewhere':
      case 'drifted': {
        const hasAnswered = this.#answered === app.incarnation;
        return { ...plain, sample: asElsewhere(sample, holder, hasAnswered) };
      }
      case 'orphan':
        if (config.reapOrphans) return { ...plain, orphan: orphanOf(holder) };
        return { ...plain, sample: asOther(sample, holder) };
      case 'unsure':
      case 'stranger':
        return { ...plain, sample: asOther(sample, holder) };
    }
  }

  /** What an app does that does not answer: much, or nothing. */
  async #atWork(app: Observation, look: Look, isDecisive: boolean): Promise<Load> {
    const { clock } = this.#ports;
    const earlier = this.#look;
    // A look that is shared may be the very one that was had before.
    const isOld = earlier !== null && look.at - earlier.at < LOOK_APART_MS;
    const later = isOld ? await this.#newLook(app) : look;
    this.#look = later;
    if (earlier !== null && later.at - earlier.at <= LOOK_STALE_MS) return load(earlier, later);
    // The next bad answer brings the second look, unless this one is already the verdict.
    if (!isDecisive) return 'unknown';
    await clock.sleep(LOOK_APART_MS);
    this.#look = await this.#newLook(app);
    return load(look, this.#look);
  }

  /** No older than the question. */
  async #newLook(app: Observation): Promise<Look> {
    const { reader, clock } = this.#ports;
    const at = clock.now();
    return { at, trees: await treesOfApp(app, reader) };
  }
}

/** A sample that means what it says. */
export function plainly(sample: Sample): Diagnosis {
  return { sample, load: 'unknown', orphan: null, debugger: null, isElsewhere: false };
}

/** What somebody else answered says nothing of the app, which listens at another address of its name. */
function notOfApp({ at, durationMs }: Sample): Sample {
  const detail = 'somebody else answered; the app is asked at its own address';
  return { kind: 'unknown', cause: 'pending', detail, at, durationMs };
}

/** A held app keeps its port and is silent; one that was held before its first line has none yet. */
function mayBeHeld({ class: name }: Extract<Sample, { kind: 'fail' }>): boolean {
  return name === 'timeout' || name === 'refused' || name === 'exec';
}

function load(earlier: Look, later: Look): Load {
  return loadOf(earlier.trees, later.trees, later.at - earlier.at);
}

function orphanOf({ detail, lives }: Extract<PortHolder, { kind: 'orphan' }>): Orphan {
  const sinceMs = Math.min(...lives.map(({ startedAtMs }) => startedAtMs));
  return { failure: { kind: 'fail', class: 'orphan', detail }, lives, sinceMs };
}
