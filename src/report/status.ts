import type { ListenerStatus } from './listener-status.ts';
import type { NotifyStatus } from './notify-status.ts';
import type { TargetConfig } from '../config/target-config.ts';
import type { ProbeOptions } from '../probe/probe.ts';
import { figuresOf, LONGEST_MS, type Figures } from '../uptime/figures.ts';
import type { Clock } from '../time/clock.ts';
import { usedAt } from '../verdict/budget.ts';
import type { StateName } from '../verdict/state.ts';
import type { Verdict } from '../verdict/verdict.ts';
import { durationText } from '../text/duration-text.ts';
import { atSocket } from '../text/socket-path.ts';
import { isoOf } from '../time/iso.ts';
import { lastSampleOf, type LastSample } from './last-sample.ts';
import { nextStepOf } from './next-step.ts';
import { restartsOf, type RestartStatus } from './restart-status.ts';
import { sentenceOf } from './sentence.ts';
import { notesOf, type TargetNotes } from './target-notes.ts';
import type { Misconfigured } from '../target/block-cache.ts';
import type { TargetView } from './view.ts';

/** The document that `status` answers (DESIGN §9). Times are ISO 8601; fields are only added. */
export interface StatusDocument {
  readonly schemaVersion: 1;
  readonly monitor: {
    readonly version: string;
    readonly pid: number;
    readonly since: string;
    /** `standby`: another monitor leads this PM2_HOME, and we watch nothing until it is gone. */
    readonly state: 'active' | 'standby' | 'unfit';
    /** Why the monitor cannot judge now; null while it can. */
    readonly unfit: string | null;
    /** Whether budgets and pauses are saved; null in standby. */
    readonly history: History | null;
    /** When PM2's list was read last; null in standby and before the first time. Absent in the document of an older monitor. */
    readonly lastRoundAt?: string | null;
  };
  readonly targets: readonly TargetStatus[];
  /** Apps whose `env_liveness` block cannot be used. */
  readonly misconfigured: readonly Misconfigured[];
  /** The apps that nobody watches, sorted, without monitors and modules; absent in standby. */
  readonly unwatched?: readonly string[];
  /** How the messages about incidents reach people; absent in standby, and where nobody gets any. */
  readonly notifications?: NotifyStatus;
  /** Where the page, `/metrics` and `/health` are (LIVENESS_HTTP); absent in standby, and where that is off. */
  readonly listener?: ListenerStatus;
  /** Settings of the monitor that were refused, and what it cannot use now. */
  readonly problems: readonly string[];
}

/** Whether the state is saved on disk, and why not. */
export interface History {
  readonly isKept: boolean;
  readonly why: string | null;
}

/** One target in the status document. */
export interface TargetStatus extends TargetNotes {
  readonly name: string;
  /** PM2's number of this instance; 0 for the only one. */
  readonly instance: number;
  readonly pmId: number;
  readonly pid: number;
  /** In cluster mode how many processes share the target; null for a single process. */
  readonly instances: { readonly online: number; readonly all: number } | null;
  readonly state: StateName;
  readonly since: string;
  /** State, reason and what comes next, in one sentence. */
  readonly summary: string;
  /** The next step if nothing changes; `at` is null where it has no time. */
  readonly next: { readonly what: string; readonly at: string | null };
  readonly probe: {
    readonly type: ProbeOptions['type'];
    readonly target: string;
    readonly periodMs: number;
    readonly timeoutMs: number;
  };
  readonly last: LastSample | null;
  readonly failures: number;
  readonly threshold: number;
  /** The file that has its block, see `pm2-liveness watch`; absent where PM2's entry of the app has it. */
  readonly blockFrom?: 'watched.json';
  readonly restarts: {
    readonly used: number;
    readonly limit: number;
    readonly withinMs: number;
    readonly total: number;
  };
  /** The newest restarts under PM2, the oldest first, 20 at most; absent where none is known. */
  readonly pm2Restarts?: readonly RestartStatus[];
  readonly incident: {
    readonly since: string;
    readonly cause: string;
    readonly detail: string;
    readonly restarts: number;
  } | null;
  /** Its uptime in the last hour, day and week, as far as it was observed. */
  readonly uptime: Readonly<Record<WindowName, Figures>>;
}

/** The windows of the figures, in milliseconds. */
export const UPTIME_WINDOWS = { '1h': 3_600_000, '24h': 86_400_000, '7d': LONGEST_MS } as const;

/** The name of a window. */
type WindowName = keyof typeof UPTIME_WINDOWS;

/** What only a leader knows; see the document. */
export interface LeadingFacts {
  readonly unfit: string | null;
  readonly history: History;
  /** When PM2's list was read last, monotonic milliseconds; null or absent before the first time. */
  readonly lastRoundAt?: number | null;
  readonly unwatched: readonly string[];
  /** Null or absent where nobody gets messages about incidents. */
  readonly notifications?: NotifyStatus | null;
  /** Null or absent where nobody listens. */
  readonly listener?: ListenerStatus | null;
}

/** The facts about the monitor for the document. */
interface MonitorFacts {
  readonly version: string;
  readonly pid: number;
  /** When it began, monotonic milliseconds. */
  readonly beganAt: number;
  readonly problems: readonly string[];
  /** Null in standby. */
  readonly leading: LeadingFacts | null;
}

/** Builds the document from what is known now. */
export function statusDocument(
  facts: MonitorFacts,
  views: readonly TargetView[],
  misconfigured: readonly Misconfigured[],
  clock: Clock,
): StatusDocument {
  const iso = isoOf(clock);
  const { version, pid, beganAt, leading, problems } = facts;
  const { unfit, history } = leading ?? { unfit: null, history: null };
  const roundAt = leading?.lastRoundAt ?? null;
  const lastRoundAt = roundAt === null ? null : iso(roundAt);
  const state = leading === null ? 'standby' : unfit === null ? 'active' : 'unfit';
  return {
    schemaVersion: 1,
    monitor: { version, pid, since: iso(beganAt), state, unfit, history, lastRoundAt },
    targets: views.map((view) => targetStatus(view, clock)),
    misconfigured,
    ...(leading && { unwatched: leading.unwatched }),
    ...(leading?.notifications && { notifications: leading.notifications }),
    ...(leading?.listener && { listener: leading.listener }),
    problems,
  };
}

/** One target's part of the document. */
export function targetStatus(before: TargetView, clock: Clock): TargetStatus {
  const iso = isoOf(clock);
  // At the present time, not at that of the last event.
  const view = { ...before, verdict: { ...before.verdict, at: clock.now() } };
  const { name, instance, pmId, pid, instances, config, verdict, last, restartsTotal } = view;
  const { failureThreshold, restarts } = config.policy;
  const { incident } = verdict;
  return {
    name,
    instance,
    pmId,
    pid,
    instances: instances ?? null,
    state: verdict.state.name,
    since: iso(verdict.since),
    summary: sentenceOf(view),
    next: nextOf(view, iso),
    probe: probeOf(config),
    last: last && lastSampleOf(last, iso),
    ...notesOf(view, iso),
    failures: failuresOf(verdict),
    threshold: failureThreshold,
    ...(config.blockFrom && { blockFrom: config.blockFrom }),
    restarts: {
      used: usedAt(verdict.memory.budget, verdict.at, restarts),
      limit: restarts.limit,
      withinMs: restarts.withinMs,
      total: restartsTotal,
    },
    ...restartsOf(view),
    incident: incident && {
      since: iso(incident.openedAt),
      cause: incident.cause,
      detail: incident.detail,
      restarts: incident.restarts,
    },
    uptime: uptimeOf(view),
  };
}

function nextOf(view: TargetView, iso: (at: number) => string): TargetStatus['next'] {
  const { what, at } = nextStepOf(view);
  return { what, at: at === null ? null : iso(at) };
}

function probeOf(config: TargetView['config']): TargetStatus['probe'] {
  const { periodMs, timeoutMs } = config.schedule;
  return { type: config.probe.type, target: shownTarget(config), periodMs, timeoutMs };
}

function uptimeOf({ uptime, verdict }: TargetView): TargetStatus['uptime'] {
  const figures = (window: WindowName): Figures =>
    figuresOf(uptime, UPTIME_WINDOWS[window], verdict.at);
  return { '1h': figures('1h'), '24h': figures('24h'), '7d': figures('7d') };
}

/**
 * The probe of a target, for people: the text of its block, without values of variables except host and port.
 */
export function shownTarget({ probe, shown }: Pick<TargetConfig, 'probe' | 'shown'>): string {
  return shown ?? targetOf(probe);
}

/**
 * What a probe asks, without the parts that may have secrets: headers, arguments, environment, the query of a
 * URL.
 */
export function targetOf(options: ProbeOptions): string {
  switch (options.type) {
    case 'tcp':
      if (options.socket !== undefined) return options.socket;
      return options.host.includes(':')
        ? `[${options.host}]:${options.port}`
        : `${options.host}:${options.port}`;
    case 'http':
    case 'vite':
    case 'websocket':
      return atSocket(options.url.replace(/([?#]).*$/s, '$1…'), options);
    case 'exec':
      // A whole command in one word may have a password.
      return options.file.replace(/\s.*$/s, '…');
    case 'heartbeat':
      return `at least every ${durationText(options.everyMs)}`;
  }
}

function failuresOf({ state }: Verdict): number {
  if (state.name === 'halfOpen') {
    return state.trial.stage === 'starting' ? state.trial.streak.failures : 0;
  }
  return 'streak' in state ? state.streak.failures : 0;
}
