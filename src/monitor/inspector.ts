import type { TargetConfig } from '../config/target-config.ts';
import { daemonPidOf } from '../os/daemon-pid.ts';
import type { Life, OsReader } from '../os/os-reader.ts';
import { usageOf } from '../os/tree.ts';
import type { Sample } from '../probe/probe.ts';
import type { Clock } from '../time/clock.ts';
import type { Load } from '../verdict/event.ts';
import type { Failure } from '../verdict/threshold.ts';
import { endpointOf } from './endpoint.ts';
import { holderOf, treesOfApp, type Holder, type Instance } from './inspection.ts';
import { loadOf, type Tree } from './load.ts';
import type { Observation } from './observation.ts';

/** CPU time moves in steps of 10 ms: looks closer together than this say little. */
const LOOK_APART_MS = 250;

/** So long the processes must use too much memory. */
const OVER_MS = 30_000;

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
  readonly isDebugged: boolean;
}

type Elsewhere = Extract<Holder, { kind: 'elsewhere' | 'drifted' }>;

/** What an inspector needs. */
export interface InspectorPorts {
  readonly reader: OsReader;
  readonly clock: Clock;
  readonly pm2Home: string;
  readonly ownPid: number;
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
  #overSince: number | null = null;
  #look: { readonly at: number; readonly trees: readonly Tree[] } | null = null;

  constructor(ports: InspectorPorts) {
    this.#ports = ports;
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
      return { ...plain, sample: await this.#inMemory(app, config, sample) };
    }
    if (isFirstFailure || this.#confirmed !== app.incarnation) {
      const found = await this.#atPort(app, config, sample);
      if (found.orphan !== null || found.sample !== sample) return found;
    }
    if (sample.class !== 'timeout') return plain;
    return { ...plain, ...(await this.#atWork(app, config.policy.failureThreshold === 1)) };
  }

  /** Whether a left-over holds the port of an app that PM2 no longer runs. */
  async findOrphan(app: Observation, config: TargetConfig): Promise<Orphan | null> {
    const holder = await this.#holder(app, config);
    return holder.kind === 'orphan' && config.reapOrphans ? orphanOf(holder) : null;
  }

  /** Whether somebody steps through the app. */
  async isDebugged(app: Observation): Promise<boolean> {
    return isTraced(await treesOfApp(app, this.#ports.reader));
  }

  async #atPort(app: Observation, config: TargetConfig, sample: Sample): Promise<Inspected> {
    const holder = await this.#holder(app, config);
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

  async #holder(app: Observation, config: TargetConfig): Promise<Holder> {
    const endpoint = endpointOf(config.probe);
    if (endpoint === null) return { kind: 'accepted' };
    const { reader, pm2Home, ownPid, pm2Pids, instances } = this.#ports;
    const daemonPid = await daemonPidOf(pm2Home);
    const known = { pm2Pids: pm2Pids(), instances: instances(app.name) };
    const ground = { reader, pm2Home, ownPid, daemonPid, ...known };
    return holderOf(app, endpoint, ground);
  }

  /** What an app does that does not answer: busy, idle, or held by a debugger. */
  async #atWork(
    app: Observation,
    isDecisive: boolean,
  ): Promise<Pick<Inspected, 'load' | 'isDebugged'>> {
    const { reader, clock } = this.#ports;
    if (this.#look === null || clock.now() - this.#look.at > LOOK_STALE_MS) {
      this.#look = { at: clock.now(), trees: await treesOfApp(app, reader) };
      // The next bad answer brings the second look, unless this one is already the verdict.
      if (!isDecisive) return { load: 'unknown', isDebugged: isTraced(this.#look.trees) };
      await clock.sleep(LOOK_APART_MS);
    }
    const earlier = this.#look;
    const trees = await treesOfApp(app, reader);
    const at = clock.now();
    this.#look = { at, trees };
    return { load: loadOf(earlier.trees, trees, at - earlier.at), isDebugged: isTraced(trees) };
  }

  async #inMemory(app: Observation, config: TargetConfig, sample: Sample): Promise<Sample> {
    const limit = config.maxTreeMemoryBytes;
    if (limit === null) return sample;
    const rssBytes = largest(await treesOfApp(app, this.#ports.reader));
    if (rssBytes === null) return sample;
    const now = this.#ports.clock.now();
    this.#overSince = rssBytes <= limit ? null : (this.#overSince ?? now);
    // A compiler's peak is no leak.
    if (this.#overSince === null || now - this.#overSince < OVER_MS) return sample;
    const detail = `its processes use ${megabytes(rssBytes)}, more than maxTreeMemory ${megabytes(limit)}`;
    const { at, durationMs } = sample;
    return { kind: 'fail', class: 'memory', detail, at, durationMs };
  }
}

/** A sample that means what it says. */
function plainly(sample: Sample): Inspected {
  return { sample, load: 'unknown', orphan: null, isDebugged: false };
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
    case 'stranger':
    case 'orphan':
      return { kind: 'fail', class: 'impostor', detail: holder.detail };
  }
}

function orphanOf({ detail, lives }: Extract<Holder, { kind: 'orphan' }>): Orphan {
  return { failure: { kind: 'fail', class: 'orphan', detail }, lives };
}

/** Of instances in cluster mode each has the limit to itself: scaling up is no leak. */
function largest(trees: readonly Tree[]): number | null {
  const known = trees.map((tree) => usageOf(tree).rssBytes).filter((bytes) => bytes !== null);
  return known.length === 0 ? null : Math.max(...known);
}

function isTraced(trees: readonly Tree[]): boolean {
  return trees.some((tree) => usageOf(tree).isTraced);
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1_048_576)} MB`;
}
