import { maskDetail } from '../../config/secrets/secrets.ts';
import type { TargetConfig } from '../../config/target-config.ts';
import { localAddresses } from '../../os/address.ts';
import type { BoundedFiles } from '../../os/bounded-files.ts';
import type { OsReader } from '../../os/os-reader.ts';
import { isThisMachine } from '../../os/owner.ts';
import { SHARED_MS } from '../../os/shared-reader.ts';
import type { Sample } from '../../probe/probe.ts';
import { pidsOf, type Observation } from '../../target/observation.ts';
import type { Clock } from '../../time/clock.ts';
import type { OwnStart } from '../../verdict/start/own-start.ts';
import type { Tree } from '../cpu-load.ts';
import { treesOfApp } from '../find-port-holder.ts';
import { endpointOf, portOf } from '../probed-address.ts';
import { firstBirth, hasEnded } from './births.ts';
import { readSourceError } from './last-error.ts';
import { findOtherPort, otherPortText } from './other-port.ts';
import { SavedSource } from './saved-source.ts';
import { seeAgain, sureOf, type Seen } from './seen.ts';
import { waitingMeaning, type WaitingMeaning } from './waiting-meaning.ts';
import { WaitingWatchers } from './waiting-watcher.ts';

/** Looks at the system begin when a port closes, and are at least this far apart. Less than two fast periods. */
const LOOK_MS = 1_500;

/** A save of just before the last good answer may have been answered by the process that ran before it. */
const SAVED_BEFORE_MS = 3_000;

/** PM2 says within this time that a process has ended, also on a busy machine. */
const UNSAID_MS = 10_000;

/** Through what a closed port is explained. */
export interface ClosedPortDeps {
  readonly reader: OsReader;
  readonly clock: Clock;
  readonly isInspector: (address: string, port: number) => Promise<boolean>;
  /** For the app's logs and source. */
  readonly files: Pick<BoundedFiles, 'look' | 'logTail'>;
}

/** What is known beside the sample. */
export interface ClosedPortEvidence {
  /** The process that was last seen to listen for the app; null where that is not known. */
  readonly holder: number | null;
  /** Whether the app ever answered well under this block. */
  readonly isProven: boolean;
}

/** Why nobody listens: what the sample then means, and whether the app starts a process of its own. */
export interface ClosedPortFinding {
  readonly sample: Sample;
  readonly ownStart: OwnStart | null;
}

/** What a refused connection means after all, in place of its class and detail. */
type Meaning = WaitingMeaning | { readonly class: 'misconfig'; readonly detail: string };

/**
 * Finds out why nobody listens where one target is probed, though PM2's process of it runs (DESIGN §11):
 * the app replaces a process of its own, its watcher waits for a saved file, or it answers on another
 * port. Most samples cost nothing here.
 */
export class ClosedPort {
  readonly #deps: ClosedPortDeps;
  readonly #watchers: WaitingWatchers;
  readonly #source: SavedSource;
  /** When the app last answered well, or its watcher last waited; null where nobody saw it. */
  #goodAt: number | null = null;
  /** When it first answered well since its port was last closed: a build that this process needed is no save. */
  #goodSince = Number.NEGATIVE_INFINITY;
  /** From when on a process counts as new; null while the port is open. */
  #since: number | null = null;
  #incarnation: string | null = null;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #born: OwnStart | null = null;
  #ended: OwnStart | null = null;
  #waiting: Seen | null = null;
  /** Whether its watcher waited since the app last answered well. */
  #hasWaited = false;
  #other: Seen | null = null;
  /** When it was first seen that the process has ended which PM2 says is running. */
  #goneAt: number | null = null;
  /** What the app's log says of source that it cannot read; null for nothing. */
  #sourceError: string | null = null;
  /** What the last look made of a sample; null is nothing. */
  #meaning: Meaning | null = null;

  constructor(deps: ClosedPortDeps) {
    this.#deps = deps;
    this.#watchers = new WaitingWatchers(deps.reader);
    this.#source = new SavedSource(deps.clock, deps.files);
  }

  /** This incarnation of the app answered well when it was asked at `at` (monotonic). */
  noteGood({ incarnation }: Pick<Observation, 'incarnation'>, at: number): void {
    this.#goodAt = at;
    if (this.#since !== null || incarnation !== this.#incarnation) {
      this.#forget();
      this.#goodSince = at;
    }
    this.#incarnation = incarnation;
  }

  /** What a refused connection means. */
  async explain(
    app: Observation,
    config: TargetConfig,
    sample: Sample,
    evidence: ClosedPortEvidence,
  ): Promise<ClosedPortFinding> {
    if (app.incarnation !== this.#incarnation) {
      this.#forget();
      [this.#incarnation, this.#goodAt] = [app.incarnation, null];
    }
    if (!isHere(config)) return { sample, ownStart: null };
    const now = this.#deps.clock.now();
    const longestMs = config.policy.startupTimeoutMs;
    this.#since ??= Math.max(this.#goodAt ?? Number.NEGATIVE_INFINITY, now - longestMs);
    if (now - this.#lookedAt >= LOOK_MS) {
      this.#lookedAt = now;
      await this.#look(app, config, evidence);
    }
    if (this.#goneAt !== null && now - this.#goneAt < UNSAID_MS)
      return { sample: pendingWith(sample, unsaidText(app)), ownStart: null };
    const meaning = this.#meaning;
    if (meaning === null && this.#other !== null) {
      // No restart is decided in the few seconds until the other port is sure.
      const detail = `nobody listens where it is probed, and it answers on port ${this.#other.what}`;
      return { sample: pendingWith(sample, detail), ownStart: null };
    }
    if (meaning === null)
      return { sample: this.#withError(sample), ownStart: this.#born ?? this.#ended };
    return { sample: { ...sample, kind: 'fail', ...meaning }, ownStart: null };
  }

  #withError(sample: Sample): Sample {
    const error = this.#sourceError;
    if (error === null || sample.kind !== 'fail') return sample;
    return { ...sample, detail: `${sample.detail}; its log says: ${error}` };
  }

  async #look(
    app: Observation,
    config: TargetConfig,
    { holder, isProven }: ClosedPortEvidence,
  ): Promise<void> {
    const { reader, files } = this.#deps;
    const trees = await treesOfApp(app, reader, SHARED_MS);
    const isGone = trees.length > 0 && trees.every(hasEnded);
    this.#goneAt = isGone ? (this.#goneAt ?? this.#deps.clock.now()) : null;
    if (isGone || trees.length === 0 || trees.some((tree) => tree.length === 0)) return;
    this.#findOwnStart(trees, holder);
    const waiting = await this.#findWatcher(app, config, trees);
    this.#meaning = waiting === null ? null : maskDetail(waiting, config.secrets);
    // Once it has listened it is another error that it wrote.
    const error = this.#goodAt === null ? await readSourceError(app, app.startedAt, files) : null;
    this.#sourceError = error && maskDetail({ detail: error }, config.secrets).detail;
    if (this.#meaning !== null || isProven || config.portOwner === 'any') return;
    this.#meaning = await this.#findOther(app, config, trees);
  }

  /** Keeps the first birth: a child that dies and is started again and again delays a restart only once. */
  #findOwnStart(trees: readonly Tree[], holder: number | null): void {
    const { clock } = this.#deps;
    const now = { mono: clock.now(), wall: clock.wall() };
    const birth = firstBirth(trees, { since: this.#since ?? now.mono, holder }, now);
    if (birth !== null && (this.#born === null || birth.at < this.#born.at)) {
      this.#born = { by: 'birth', ...birth, isSaved: this.#hasWaited };
    }
    const isOver = holder !== null && !trees.flat().some(({ pid }) => pid === holder);
    if (isOver) this.#ended ??= { by: 'end', pid: holder, at: now.mono, isSaved: this.#hasWaited };
  }

  async #findWatcher(
    app: Observation,
    config: TargetConfig,
    trees: readonly Tree[],
  ): Promise<WaitingMeaning | null> {
    const { clock } = this.#deps;
    const now = { mono: clock.now(), wall: clock.wall() };
    const watcher = await this.#watchers.find(app, trees, now);
    this.#waiting = watcher === null ? null : seeAgain(this.#waiting, watcher.pid);
    if (watcher === null || this.#waiting === null) {
      this.#source.forget();
      return null;
    }
    const at = now.mono;
    // Between two processes of the app there is a moment without any.
    this.#ended ??= { by: 'end', pid: watcher.pid, at, isSaved: this.#hasWaited };
    if (sureOf(this.#waiting) === null) return null;
    const isNew = this.#goodAt === null && !this.#hasWaited;
    const goodAt = this.#goodAt;
    const wallOf = (mono: number): number => now.wall - (at - mono);
    const savedAfter =
      goodAt === null ? null : wallOf(Math.max(goodAt - SAVED_BEFORE_MS, this.#goodSince));
    const meaning = await waitingMeaning(watcher, app, {
      sinceWall: goodAt === null ? app.startedAt : wallOf(goodAt),
      isSaved: async () => savedAfter === null || (await this.#source.isSaved(app.cwd, savedAfter)),
      mayStart: isNew && watcher.ageMs < config.policy.startupTimeoutMs,
      port: portOf(config.probe),
      files: this.#deps.files,
    });
    if (meaning?.class !== 'source') return meaning;
    // What it starts after the next save is a start of its own again.
    [this.#since, this.#born, this.#ended] = [at, null, null];
    this.#hasWaited = true;
    return meaning;
  }

  async #findOther(
    app: Observation,
    config: TargetConfig,
    trees: readonly Tree[],
  ): Promise<{ readonly class: 'misconfig'; readonly detail: string } | null> {
    const { reader, isInspector, clock } = this.#deps;
    const asked = portOf(config.probe);
    if (asked === null) return null;
    const pids = trees.flat().map(({ pid }) => pid);
    const deps = { reader, isInspector, now: (): number => clock.now() };
    const port = await findOtherPort(pids, { asked, sure: sureOf(this.#other) }, config, deps);
    this.#other = port === null ? null : seeAgain(this.#other, port);
    if (port === null || sureOf(this.#other) === null) return null;
    return { class: 'misconfig', detail: otherPortText(app.name, port, asked, config) };
  }

  #forget(): void {
    [this.#since, this.#born, this.#ended] = [null, null, null];
    [this.#waiting, this.#other, this.#meaning] = [null, null, null];
    [this.#goneAt, this.#sourceError] = [null, null];
    this.#source.forget();
    this.#hasWaited = false;
    this.#lookedAt = Number.NEGATIVE_INFINITY;
  }
}

/** Whether the probe asks this machine; a name that has to be resolved is taken to. */
function isHere({ probe }: TargetConfig): boolean {
  const addresses = endpointOf(probe)?.addresses;
  const here = localAddresses();
  return addresses === undefined || addresses.some((address) => isThisMachine(address, here));
}

function pendingWith({ at, durationMs }: Sample, detail: string): Sample {
  return { kind: 'unknown', cause: 'pending', detail, at, durationMs };
}

function unsaidText(app: Observation): string {
  return `its process ${pidsOf(app).join(', ')} has ended, and PM2 has not noticed it yet`;
}
