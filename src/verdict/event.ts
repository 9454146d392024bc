import type { DependencyHold } from './dependency/dependency.ts';
import type { IncarnationId, LostEvidence, ProcessStatus } from './process.ts';
import type { Sample } from '../probe/probe.ts';
import type { Incident } from './incident/incident.ts';
import type { OwnStart } from './start/own-start.ts';
import type { Restarted } from './incident/unstable.ts';
import type { Failure } from './streak.ts';
import type { Memory } from './verdict.ts';

/**
 * The result of a restart: `skipped` was never issued; `failed` may have been issued; `cleared` stopped
 * an orphan, so that the app that PM2 runs can have its port; `stuck` stopped nothing, because a process
 * still runs after SIGKILL.
 */
export type ActionResult = 'done' | 'skipped' | 'failed' | 'cleared' | 'stuck';

/**
 * Whether an app that does not answer burns CPU; `unknown` where nobody looked, or the system does not
 * say.
 */
export type Load = 'busy' | 'idle' | 'unknown';

/** What can delay a restart of any app. Times are monotonic milliseconds. */
export interface RestartEvidence {
  /** From when on the restart slot of all apps is free; Infinity while too many are in flight. */
  readonly slotFreeAt: number;
  /**
   * Until when all restarts are held, because many apps began to fail together; absent while they are not
   * held.
   */
  readonly heldUntil?: number;
  /** From when on an app may begin to drain: a load balancer must not lose two apps to us at a time. */
  readonly drainFreeAt?: number;
  /** What is at work on the app's files; null where nothing is, absent where nobody looked. */
  readonly deploy?: DeployEvidence | null;
}

/** An installer at work on an app's files, or what is gone from them: a restart now would start half an app. */
export interface DeployEvidence {
  /** For a person, after the word "held": `npm ci (pid 812) is at work in /srv/web`. */
  readonly reason: string;
  /** What PM2 starts is not there: no restart can work before it is back, however long that takes. */
  readonly isCertain: boolean;
}

/** Everything that can change a verdict. `at` is monotonic milliseconds, never wall time. */
export type Event =
  | {
      readonly type: 'process';
      readonly at: number;
      readonly status: ProcessStatus;
      /** The incarnation that runs, or that PM2 could not stop; null where there is none. */
      readonly incarnation: IncarnationId | null;
      /** Its age when it was first seen. */
      readonly ageMs: number;
      /** With `lost` alone. */
      readonly lost?: LostEvidence;
    }
  | (RestartEvidence & {
      readonly type: 'sample';
      readonly at: number;
      /** The incarnation that was probed. */
      readonly incarnation: IncarnationId;
      readonly sample: Sample;
      /** What the app's processes did while they did not answer. */
      readonly load: Load;
      /** What explains that nobody listens; null or absent is nothing. */
      readonly ownStart?: OwnStart | null;
    })
  | (RestartEvidence & { readonly type: 'tick'; readonly at: number })
  /** An orphan of this app was proven to hold its port (DESIGN §6). */
  | (RestartEvidence & { readonly type: 'orphan'; readonly at: number; readonly failure: Failure })
  /** The debugger that holds the app: a text for people; null where there is none. */
  | { readonly type: 'debugger'; readonly at: number; readonly by: string | null }
  | {
      readonly type: 'acted';
      readonly at: number;
      readonly result: ActionResult;
      /** For people. */
      readonly detail?: string;
    }
  /** What the app depends on keeps its restarts back; null is nothing. */
  | { readonly type: 'dependency'; readonly at: number; readonly hold: DependencyHold | null }
  /** PM2 began a new incarnation, or several that were not seen one by one. */
  | (Restarted & { readonly type: 'restarted'; readonly at: number })
  | { readonly type: 'fitness'; readonly at: number; readonly unfit: string | null }
  | { readonly type: 'pause'; readonly at: number; readonly until: number }
  | { readonly type: 'resume'; readonly at: number }
  | { readonly type: 'reset'; readonly at: number }
  /** What may have kept the app down has changed; `what` is for a person: `vite.config.ts was saved`. */
  | { readonly type: 'saved'; readonly at: number; readonly what: string }
  /** What an earlier monitor remembered, read late and merged with what this verdict knows. */
  | {
      readonly type: 'restore';
      readonly at: number;
      readonly memory: Memory;
      readonly incident: Incident | null;
      /** Until when the operator has paused the app; null for no pause. */
      readonly pausedUntil: number | null;
    };
