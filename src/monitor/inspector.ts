import { maskedDetail } from '../config/secrets.ts';
import type { TargetConfig } from '../config/target-config.ts';
import { daemonPidOf } from '../os/daemon-pid.ts';
import type { Life } from '../os/os-reader.ts';
import { takenAtOf } from '../os/shared-reader.ts';
import { treeOf } from '../os/tree.ts';
import type { Sample } from '../probe/probe.ts';
import type { Load } from '../verdict/event.ts';
import type { Failure } from '../verdict/threshold.ts';
import { debuggerOf, type DebuggerPorts } from './debugger.ts';
import { endpointOf } from './endpoint.ts';
import { holderOf, SHARED_MS, treesOfApp, type Holder, type Instance } from './inspection.ts';
import { loadOf, type Tree } from './load.ts';
import { MemoryWatch } from './memory-watch.ts';
import { pidsOf, type Observation } from './observation.ts';

/** CPU time moves in steps of 10 ms: looks closer together than this say little. */
const LOOK_APART_MS = 250;

/** A look older than this is no measure of the present. */
const LOOK_STALE_MS = 30_000;

/** A proven left-over, as evidence, and the lives to be ended. */
export interface Orphan {
  readonly failure: Failure;
  readonly lives: readonly Life[];
}

/** A sample in the light of what the system says of the app's processes. */
export interface Inspected {
  readonly sample: Sample;
  readonly load: Load;
  readonly orphan: Orphan | null;
  /** Who holds the app up as a debugger does, for a person; null is nobody. */
  readonly debugger: string | null;
}

/** The app's processes at one moment. */
interface Look {
  readonly at: number;
  readonly trees: readonly Tree[];
}

type Elsewhere = Extract<Holder, { kind: 'elsewhere' | 'drifted' }>;

/** What an inspector needs. */
export interface InspectorPorts extends DebuggerPorts {
  readonly pm2Home: string;
  /** Everything that PM2 runs, as of its last list. */
  readonly pm2Pids: () => readonly number[];
  /** What it runs under one name. */
  readonly instances: (name: string) => readonly Instance[];
}

/** Looks behind the samples of one target; remembers what it saw last. */
export class Inspector {
  readonly #ports: InspectorPorts;
  /** The life whose port is known to be its own. */
  #confirmed: string | null = null;
  /** The life that was seen to answer well where it is asked. */
  #answered: string | null = null;
  #wasOk = true;
  readonly #memory: MemoryWatch;
  #look: Look | null = null;

  constructor(ports: InspectorPorts) {
    this.#ports = ports;
    this.#memory = new MemoryWatch(ports.reader, ports.clock);
  }

  /** Looks where a look can change what the sample means; most samples cost nothing here. */
  async inspect(app: Observation, config: TargetConfig, sample: Sample): Promise<Inspected> {
    const plain = plainly(sample);
    if (sample.kind === 'unknown') return plain;
    const isFirstFailure = sample.kind === 'fail' && this.#wasOk;
    this.#wasOk = sample.kind === 'ok';
    // Where nobody listened, whoever answers next is to be looked at anew.
    if (sample.kind === 'fail' && sample.class === 'refused') this.#confirmed = null;
    if (sample.kind === 'ok') {
      if (this.#confirmed !== app.incarnation) return this.#atPort(app, config, sample);
      if (config.maxTreeMemoryBytes === null) return plain;
      const { maxTreeMemoryBytes: limit } = config;
      return { ...plain, sample: await this.#memory.judge(app, limit, sample) };
    }
    const debug = mayBeHeld(sample) ? await this.#debugger(app, config) : null;
    if (debug?.by) return { ...plain, debugger: debug.by };
    if (isFirstFailure || this.#confirmed !== app.incarnation) {
      const found = await this.#atPort(app, config, sample);
      if (found.orphan !== null || found.sample !== sample) return found;
    }
    if (sample.class !== 'timeout' || debug === null) return plain;
    const isDecisive = config.policy.failureThreshold === 1;
    return { ...plain, load: await this.#atWork(app, debug.look, isDecisive) };
  }

  /** Whether a left-over holds the port of an app that PM2 no longer runs. */
  async findOrphan(app: Observation, config: TargetConfig): Promise<Orphan | null> {
    const holder = await this.#holder(app, config, true);
    return holder.kind === 'orphan' && config.reapOrphans ? orphanOf(holder) : null;
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
    const askedPort = endpointOf(probe)?.port ?? null;
    const known = { hasAnswered: this.#answered === app.incarnation, askedPort };
    for (const member of app.members ?? [app]) {
      // oxlint-disable-next-line no-await-in-loop -- one as a rule, and found as a rule in the first
      const by = await debuggerOf(member, table, known, this.#ports);
      if (by !== null) return { by, look };
    }
    return { by: null, look };
  }

  async #atPort(app: Observation, config: TargetConfig, sample: Sample): Promise<Inspected> {
    const holder = await this.#holder(app, config, sample.kind === 'ok');
    const plain = plainly(sample);
    if (holder.kind === 'accepted') {
      // An app that has not answered yet may be about to listen, or about to find its port taken.
      if (sample.kind === 'ok') {
        this.#confirmed = app.incarnation;
        this.#answered = app.incarnation;
      }
      return plain;
    }
    if (holder.kind === 'drifted' || holder.kind === 'elsewhere') {
      return { ...plain, sample: this.#elsewhere(app, sample, holder) };
    }
    this.#confirmed = null;
    if (holder.kind === 'orphan' && config.reapOrphans)
      return { ...plain, orphan: orphanOf(holder) };
    return { ...plain, sample: { ...sample, ...meaningOf(holder) } };
  }

  /**
   * An answer is an answer, wherever it came from. A port that the app closed, or lost to another,
   * a restart can give back; an address that it never had, it cannot.
   */
  #elsewhere(app: Observation, sample: Sample, { kind, detail }: Elsewhere): Sample {
    if (sample.kind !== 'fail') return sample;
    if (kind === 'elsewhere' && this.#answered !== app.incarnation) {
      return { ...sample, class: 'misconfig', detail };
    }
    return { ...sample, detail: `${sample.detail}; ${detail}` };
  }

  async #holder(app: Observation, config: TargetConfig, isAnswered: boolean): Promise<Holder> {
    const endpoint = endpointOf(config.probe);
    // A reverse proxy or a container engine may be meant to stand before the app.
    if (endpoint === null || config.portOwner === 'any') return { kind: 'accepted' };
    const { reader, pm2Home, ownPid, pm2Pids, instances } = this.#ports;
    const daemonPid = await daemonPidOf(pm2Home);
    const known = { pm2Pids: pm2Pids(), instances: instances(app.name) };
    const ground = { reader, pm2Home, ownPid, daemonPid, ...known };
    const holder = await holderOf(app, endpoint, ground, isAnswered);
    // A command line is told, and who started that process may have had the app's variables.
    return 'detail' in holder ? maskedDetail(holder, config.secrets) : holder;
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
function plainly(sample: Sample): Inspected {
  return { sample, load: 'unknown', orphan: null, debugger: null };
}

/** A held app keeps its port and is silent; one that was held before its first line has none yet. */
function mayBeHeld({ class: name }: Extract<Sample, { kind: 'fail' }>): boolean {
  return name === 'timeout' || name === 'refused' || name === 'exec';
}

function load(earlier: Look, later: Look): Load {
  return loadOf(earlier.trees, later.trees, later.at - earlier.at);
}

/** What a sample means whose answer did not come from the app. */
function meaningOf(
  holder: Exclude<Holder, { kind: 'accepted' } | Elsewhere>,
):
  | Pick<Extract<Sample, { kind: 'fail' }>, 'kind' | 'class' | 'detail'>
  | { kind: 'unknown'; cause: 'pending'; detail: string } {
  switch (holder.kind) {
    case 'unsure':
      return { kind: 'unknown', cause: 'pending', detail: holder.why };
    case 'stranger': {
      const detail = `${holder.detail}; if it is to answer for the app, set portOwner: 'any'`;
      return { kind: 'fail', class: 'impostor', detail };
    }
    case 'orphan':
      return { kind: 'fail', class: 'impostor', detail: holder.detail };
  }
}

function orphanOf({ detail, lives }: Extract<Holder, { kind: 'orphan' }>): Orphan {
  return { failure: { kind: 'fail', class: 'orphan', detail }, lives };
}
