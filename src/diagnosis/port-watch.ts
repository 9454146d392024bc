import type { TargetConfig } from '../config/target-config.ts';
import { daemonPidOf } from '../pm2/daemon-pid.ts';
import type { OsReader } from '../os/os-reader.ts';
import type { ProbeOptions, Sample } from '../probe/probe.ts';
import { isSamePlace, locate, portOf, reachedBy } from './probed-address.ts';
import {
  acceptInDoubt,
  maskHolder,
  type ProbedEvidence,
  type PortHolder,
  type Instance,
} from './port-holder.ts';
import { findPortHolder } from './find-port-holder.ts';
import { socketIdsAt } from './socket-ids.ts';
import type { KnownHolder } from './stopped-app.ts';
import type { Clock } from '../time/clock.ts';
import type { Observation } from '../target/observation.ts';

/**
 * How long the sockets at the port of an app that answers well count as unchanged. The shared list of all
 * sockets may be half as old, so a stranger is seen after 15 s at most. After a bad answer it is seen
 * before there are enough bad answers for a restart.
 */
const GOOD_MS = 10_000;
const BAD_MS = 1_000;

/** A holder that could not be identified is checked again after this time, then less and less often. */
const DOUBT_MS = 10_000;
const MAX_DOUBT_MS = 300_000;

/** What watches the port of a target. */
export interface PortWatchDeps {
  readonly reader: OsReader;
  readonly clock: Pick<Clock, 'sleep'>;
  readonly pm2Home: string;
  readonly ownPid: number;
  /** The pids of all that PM2 runs, from its last list. */
  readonly pm2Pids: () => readonly number[];
  /** What PM2 runs under one name. */
  readonly instances: (name: string) => readonly Instance[];
}

/** A port that was seen to be the app's. */
interface Confirmed {
  readonly incarnation: string | null;
  readonly probe: ProbeOptions;
  /** Where it answered, or is known to listen. */
  readonly at: readonly string[];
  /** All sockets at the port; null where the platform does not say. */
  readonly sockets: string | null;
  readonly checkedAt: number;
  /** When to look again though nothing has changed; Infinity where the holder is surely the app. */
  readonly until: number;
}

/** Somebody else, or an old process of the app, who has the port, and the sockets there at that time. */
interface Outsider {
  readonly holder: Extract<PortHolder, { kind: 'stranger' | 'orphan' }>;
  readonly sockets: string;
}

/** Who holds the port of a target, at one sample. */
interface PortLook {
  readonly holder: PortHolder;
  /** True where the sample is of the app's own address, as far as known. */
  readonly isOwn: boolean;
}

/** Knows where the app of one target listens, and looks again when the sockets there change. */
export class PortWatch {
  readonly #deps: PortWatchDeps;
  #confirmed: Confirmed | null = null;
  #only: readonly string[] | undefined;
  #note: string | null = null;
  /** The sockets at the port when the last connection was refused; null when it was not. */
  #refusing: string | null = null;
  #outsider: Outsider | null = null;
  #holderPid: number | null = null;
  /** How often in a row the holder was accepted in doubt. */
  #doubts = 0;

  constructor(deps: PortWatchDeps) {
    this.#deps = deps;
  }

  /** The app's own addresses, where others have the rest of those that its name resolves to. */
  get only(): readonly string[] | undefined {
    return this.#only;
  }

  /** The process that was last seen to listen for the app, and its port. */
  get holder(): KnownHolder {
    const probe = this.#confirmed?.probe;
    return { pid: this.#holderPid, port: probe === undefined ? null : portOf(probe) };
  }

  /** A note for people: that it is not known who answers, or who has another address; else null. */
  get note(): string | null {
    return this.#note;
  }

  /** Forgets what was known about the port. */
  forget(): void {
    this.#confirmed = null;
  }

  /**
   * Whether the port is known to be the app's (`confirmed`), or was and must be compared again (`due`).
   * Called for every sample, so it only compares fields.
   */
  standing(
    app: Observation,
    { probe }: TargetConfig,
    sample: Sample,
  ): 'confirmed' | 'due' | 'unknown' {
    const known = this.#confirmed;
    if (known === null || known.incarnation !== app.incarnation) return 'unknown';
    if (!isSamePlace(known.probe, probe)) return 'unknown';
    if (sample.from !== undefined && !known.at.includes(reachedBy(sample.from))) return 'unknown';
    return sample.at - known.checkedAt < ageFor(sample) ? 'confirmed' : 'due';
  }

  /** Compares the sockets at the port with those of the last look; false where they differ. */
  async recheck(sample: Sample): Promise<boolean> {
    const known = this.#confirmed;
    if (known === null) return false;
    const sockets = await socketIdsAt(this.#deps.reader, known.probe, ageFor(sample) / 2);
    const isSame = (sockets === null || sockets === known.sockets) && sample.at < known.until;
    this.#confirmed = isSame ? { ...known, checkedAt: sample.at } : null;
    return isSame;
  }

  /** Finds who holds the port at which `sample` was taken. */
  async look(app: Observation, config: TargetConfig, sample: Sample): Promise<PortLook> {
    const { probe } = config;
    const from = sample.from === undefined ? undefined : reachedBy(sample.from);
    // Read before the holders: the next comparison then shows a process that starts in between.
    const sockets = await socketIdsAt(this.#deps.reader, probe, 250);
    const isRefused = sample.kind === 'fail' && sample.class === 'refused';
    const isIpv6Only = isRefused && sockets !== null && sockets === this.#refusing;
    this.#refusing = isRefused ? sockets : null;
    const only = this.#only;
    const isAnswered = sample.kind === 'ok' || from !== undefined;
    const isKnownOutsider = this.#outsider !== null && this.#outsider.sockets === sockets;
    const probed = { from, only, isIpv6Only, isAnswered, isKnownOutsider };
    const seen = await this.findHolder(app, config, probed);
    const holder = this.#keepOutsider(seen, sockets);
    const isOwn = holder.kind !== 'beside' || isSampleOf(holder.at, { sample, from, only });
    this.#keep(holder, sample);
    const at = 'at' in holder ? holder.at : undefined;
    if (sample.kind === 'ok' ? isAccepted(holder) && isOwn : from && at?.includes(from)) {
      const checkedAt = sample.at;
      const { incarnation } = app;
      const known = at ?? (from === undefined ? [] : [from]);
      this.#doubts = isDoubt(holder) ? this.#doubts + 1 : 0;
      const until = checkedAt + doubtLastsMs(this.#doubts);
      this.#confirmed = { incarnation, probe, at: known, sockets, checkedAt, until };
    } else if (sample.kind === 'ok' || !isAccepted(holder)) {
      this.#confirmed = null;
    }
    return { holder, isOwn };
  }

  /** Who holds the port of a target now. */
  async findHolder(
    app: Observation,
    config: TargetConfig,
    probed: ProbedEvidence = {},
  ): Promise<PortHolder> {
    // A reverse proxy or a container engine may be meant to stand before the app.
    if (config.portOwner === 'any') return { kind: 'accepted' };
    const endpoint = await locate(config.probe, probed.from);
    if (endpoint === null) return { kind: 'accepted' };
    if (typeof endpoint === 'string') return acceptInDoubt(endpoint);
    const { reader, clock, pm2Home, ownPid, pm2Pids, instances } = this.#deps;
    const daemonPid = await daemonPidOf(pm2Home);
    const known = { pm2Pids: pm2Pids(), instances: instances(app.name) };
    const deps = { reader, clock, pm2Home, ownPid, daemonPid, ...known };
    const holder = await findPortHolder(app, endpoint, deps, probed);
    return maskHolder(holder, config);
  }

  /**
   * A process that was seen to be a stranger, or an old process of the app, stays one while its socket is there,
   * also where a later look shows nothing about it: on a busy machine its environment may not be readable in time.
   */
  #keepOutsider(holder: PortHolder, sockets: string | null): PortHolder {
    const before = this.#outsider;
    const isSame = before !== null && before.sockets === sockets;
    if (isDoubt(holder) && isSame && before.holder.kind === 'stranger') return before.holder;
    const isUnread = holder.kind === 'stranger' && holder.isUnread === true;
    if (isUnread && isSame && before.holder.kind === 'orphan') return before.holder;
    const isOutsider = holder.kind === 'stranger' || holder.kind === 'orphan';
    this.#outsider = isOutsider && sockets !== null ? { holder, sockets } : null;
    return holder;
  }

  #keep(holder: PortHolder, sample: Sample): void {
    if (holder.kind === 'accepted') this.#holderPid = holder.pid ?? this.#holderPid;
    this.#note = noteOf(holder, sample);
    if (holder.kind === 'beside') {
      // The same array while nothing has changed: a new one would make a new probe.
      if (this.#only?.join() !== holder.at.join()) this.#only = holder.at;
    } else if (holder.kind === 'accepted' && holder.at !== undefined) {
      // Where nobody listens now, the next incarnation is still probed at the old address.
      this.#only = undefined;
    }
  }
}

/** How long a doubt lasts. It may pass: the machine was busy, or had no file descriptors left. */
function doubtLastsMs(doubts: number): number {
  if (doubts === 0) return Number.POSITIVE_INFINITY;
  return Math.min(MAX_DOUBT_MS, DOUBT_MS * 2 ** (doubts - 1));
}

function isDoubt(holder: PortHolder): boolean {
  return holder.kind === 'accepted' && holder.doubt !== undefined;
}

function ageFor({ kind }: Sample): number {
  return kind === 'ok' ? GOOD_MS : BAD_MS;
}

function noteOf(holder: PortHolder, { kind }: Sample): string | null {
  if (holder.kind === 'beside') return holder.detail;
  if (kind !== 'ok') return null;
  const isElsewhere = holder.kind === 'elsewhere' || holder.kind === 'drifted';
  const doubt = isElsewhere ? holder.detail : holder.kind === 'accepted' ? holder.doubt : undefined;
  return doubt === undefined ? null : `it is not known who answers: ${doubt}`;
}

function isAccepted({ kind }: PortHolder): boolean {
  return kind === 'accepted' || kind === 'beside';
}

/** Whether a sample is of one of the addresses `at`. */
function isSampleOf(
  at: readonly string[],
  { sample, from, only }: Pick<ProbedEvidence, 'from' | 'only'> & { readonly sample: Sample },
): boolean {
  if (from !== undefined) return at.includes(from);
  // Without an answer's address the sample is of all addresses that were probed.
  return sample.kind === 'ok' || (only !== undefined && only.every((each) => at.includes(each)));
}
