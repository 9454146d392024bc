import type { Io } from '../pm2/io.ts';
import type { Clock } from '../time/clock.ts';
import { durationText } from '../text/duration-text.ts';
import { instanceLabel } from '../text/instance-label.ts';
import { sanitizeLine } from '../text/sanitize.ts';
import type { ChannelStatus } from './notify-status.ts';
import { counted, heldBy } from './sentence.ts';
import type { LoopDelayFigures } from './loop-delay.ts';
import { shownIncident } from './shown-incident.ts';
import type { TargetView } from './view.ts';

/** `pm2 monit` shows four rows of metrics and scrolls; more than eight are too many (DESIGN §9). */
const MOST_APPS = 4;

/** The most names of apps in one process, because a name that was given once stays. */
const MOST_NAMES = 12;

/** How often to check whether an app without a metric can get that of one that is gone. */
const LOOK_MS = 1_000;

/** PM2 reads all metrics in one round, and the views are made once for that round. */
const SAME_ROUND_MS = 100;

const RESTARTS = 'restarts';
const INCIDENTS = 'incidents';
const PROBE_P95 = 'probe p95';
const OTHER_APPS = 'other apps';
const MONITOR = 'monitor';
const NOTIFY = 'notify';
const EVENT_LOOP = 'loop p99';
/** They have a place of their own, also while no app has their name. */
const OWN: ReadonlySet<string> = new Set([MONITOR, NOTIFY, EVENT_LOOP]);
const TOTALS: ReadonlySet<string> = new Set([RESTARTS, INCIDENTS, PROBE_P95, OTHER_APPS, ...OWN]);

/** How many durations the p95 is computed from. */
const WINDOW = 200;

/** The target whose event loop is the latest. */
type LatestLoop = Pick<LoopDelayFigures, 'p99Ms'> & Pick<TargetView, 'name' | 'instance'>;

/** Our metrics in PM2: the apps' states first, then restarts, incidents and the probes' p95. */
export class Metrics {
  readonly #io: Io;
  readonly #clock: Clock;
  readonly #views: () => readonly TargetView[];
  /** PM2 keeps a metric's name as long as the process runs, so names are only added. */
  readonly #named = new Set<string>();
  readonly #durations: number[] = [];
  #nextDuration = 0;
  #latest: readonly TargetView[] = [];
  #latestAt = Number.NEGATIVE_INFINITY;
  #hasTotals = false;
  #hasOthers = false;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #restarts = 0;
  #incidents = 0;

  constructor(io: Io, clock: Clock, views: () => readonly TargetView[]) {
    this.#io = io;
    this.#clock = clock;
    this.#views = views;
  }

  /** Gives every watched app a metric, as far as there are names; the worst apps first. */
  register(): void {
    this.#registerAll(this.#views);
  }

  #registerAll(views: () => readonly TargetView[]): void {
    // Called at every change of state; with all names given there is little to do.
    const now = this.#clock.now();
    if (this.#hasOthers && this.#hasTotals && now - this.#lookedAt < LOOK_MS) return;
    this.#lookedAt = now;
    const names = rank(views()).map(labelOf);
    const present = new Set(names);
    const gone = [...this.#named].filter((name) => !OWN.has(name) && !present.has(name)).length;
    const room = Math.min(MOST_NAMES, MOST_APPS + gone);
    for (const name of names) this.#registerApp(name, room);
    if (names.length > 0 && !this.#hasTotals) this.#registerTotals();
  }

  /** Adds the metric of a standby monitor. The name stays, and takes the place of one app. */
  registerMonitor(value: () => string): void {
    this.#registerOwn(MONITOR, value);
  }

  /** Adds the metric of the messages, in the same way; only for a monitor that has channels. */
  registerNotify(channels: () => readonly ChannelStatus[]): void {
    this.#registerOwn(NOTIFY, () => notifyWord(channels()));
  }

  /** Adds how late the latest event loop is; only where an app has the agent. */
  registerLoop(worst: () => LatestLoop | null): void {
    this.#registerOwn(EVENT_LOOP, () => loopWord(worst()));
  }

  #registerOwn(name: string, value: () => string): void {
    if (this.#named.has(name)) return;
    this.#named.add(name);
    this.#io.metric(name, value);
  }

  countRestart(): void {
    this.#restarts += 1;
  }

  countIncident(): void {
    this.#incidents += 1;
  }

  /** Notes the duration of one answered probe, in a ring of fixed size. */
  measure(durationMs: number): void {
    this.#durations[this.#nextDuration] = durationMs;
    this.#nextDuration = (this.#nextDuration + 1) % WINDOW;
  }

  #registerApp(name: string, room: number): void {
    if (this.#named.has(name)) return;
    if (this.#named.size < room) {
      this.#named.add(name);
      this.#io.metric(name, () => this.#valueOf(name));
    } else if (!this.#hasOthers) {
      this.#hasOthers = true;
      this.#io.metric(OTHER_APPS, () => this.#others());
    }
  }

  #registerTotals(): void {
    this.#hasTotals = true;
    this.#io.metric(RESTARTS, () => this.#restarts);
    this.#io.metric(INCIDENTS, () => this.#incidents);
    this.#io.metric(PROBE_P95, () => durationText(p95(this.#durations)));
  }

  /** The views of this round of metrics. */
  #present(): readonly TargetView[] {
    const now = this.#clock.now();
    if (now - this.#latestAt >= SAME_ROUND_MS) {
      this.#latest = this.#views();
      this.#latestAt = now;
    }
    return this.#latest;
  }

  #valueOf(name: string): string {
    const view = this.#present().find((candidate) => labelOf(candidate) === name);
    return view ? wordOf(view, this.#clock.now()) : 'gone';
  }

  /** The value for all apps without a metric of their own: how many are not well. */
  #others(): string {
    this.#registerAll(() => this.#present());
    const rest = this.#present().filter((view) => !this.#named.has(labelOf(view)));
    const down = rest.filter((view) => severity(view) > 1).length;
    return down > 0 ? `DOWN ${down}` : `UP ${rest.length}`;
  }
}

/** How many channels fail, and how many messages wait: `FAIL 1 WAIT 3`; `OK` where all is sent. */
function notifyWord(channels: readonly ChannelStatus[]): string {
  const failing = channels.filter(({ problem }) => problem !== null).length;
  const waiting = channels.reduce((sum, each) => sum + each.waiting, 0);
  const words = [failing > 0 ? `FAIL ${failing}` : '', waiting > 0 ? `WAIT ${waiting}` : ''];
  return words.filter(Boolean).join(' ') || 'OK';
}

/** The latest event loop: `12 ms web`. */
function loopWord(latest: LatestLoop | null): string {
  return latest === null ? '–' : `${durationText(latest.p99Ms)} ${labelOf(latest)}`;
}

/** A target's state in at most eight characters. */
export function wordOf({ verdict, config, last }: TargetView, now: number): string {
  const { state } = verdict;
  // In observe mode nothing follows a wait, so no wait is shown.
  const isObserving = config.policy.action === 'observe';
  if (heldBy(verdict) !== null) return 'HELD';
  const incident = shownIncident(state.name, verdict.incident?.cause);
  if (incident !== null) return incident.toUpperCase();
  switch (state.name) {
    case 'starting':
      return 'STARTING';
    case 'healthy':
      return last ? `UP ${durationText(last.durationMs, 0)}` : 'UP';
    case 'failing':
      return `DOWN ${counted(state.streak.failures, config.policy)}`;
    case 'restarting':
      return 'RESTART';
    case 'backoff':
      return isObserving ? 'WAIT' : `WAIT ${durationText(state.until - now, 0)}`;
    case 'open':
      return isObserving ? 'OPEN' : `OPEN ${durationText(state.until - now, 0)}`;
    case 'halfOpen':
      return 'TRIAL';
    case 'degraded':
      return 'DEGRADED';
    case 'paused':
      return state.cause === 'operator' || state.cause === 'debugger' ? 'PAUSED' : 'STOPPED';
    case 'unknown':
      return 'UNKNOWN';
  }
}

/**
 * The label of a target: the app's name, and from the second instance on its number. It stays the same when
 * the app is scaled, because PM2 keeps a metric's name.
 */
export function labelOf({ name, instance }: Pick<TargetView, 'name' | 'instance'>): string {
  const label = sanitizeLine(instanceLabel(name, instance));
  return TOTALS.has(label) ? `app ${label}` : label;
}

function rank(views: readonly TargetView[]): TargetView[] {
  return views.toSorted((a, b) => severity(b) - severity(a));
}

function severity({ verdict }: TargetView): number {
  if (shownIncident(verdict.state.name, verdict.incident?.cause) !== null) return 3;
  switch (verdict.state.name) {
    case 'open':
    case 'halfOpen':
      return 4;
    case 'failing':
    case 'restarting':
    case 'backoff':
      return 3;
    case 'degraded':
    case 'unknown':
      return 2;
    case 'starting':
      return 1;
    case 'healthy':
    case 'paused':
      return 0;
  }
}

function p95(durations: readonly number[]): number {
  const sorted = durations.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * 0.95))] ?? 0;
}
