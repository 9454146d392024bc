import { isBlind } from '../verdict/blind.ts';
import { busyUntil, NO_RESTART } from './sentence.ts';
import type { TargetView } from './view.ts';

/** What comes next for a target if nothing changes. */
export interface NextStep {
  readonly what: string;
  /** Monotonic time of it; null where it has none. */
  readonly at: number | null;
}

/** What the monitor does next about a target, and when. */
export function nextStepOf({ name, state, config }: TargetView): NextStep {
  const { phase } = state;
  const { policy } = config;
  if (policy.action === 'observe' && RESTARTED.has(phase.name)) return observedStep(phase);
  switch (phase.name) {
    case 'healthy':
      return { what: 'it is asked again', at: null };
    case 'starting':
      return { what: 'restarted, if it has not answered well by then', at: phase.deadline };
    case 'failing': {
      const until = busyUntil(state, policy);
      if (until !== null) return { what: 'restarted, if it is still busy then', at: until };
      const left = Math.max(1, policy.failureThreshold - phase.streak.failures);
      const more = left === 1 ? '1 more bad answer' : `${left} more bad answers`;
      return { what: `restarted after ${more}`, at: null };
    }
    case 'restarting':
      return { what: 'PM2 brings up a new process', at: null };
    case 'backoff':
      return { what: 'restarted, if it still fails', at: phase.until };
    case 'open':
      return { what: 'one trial restart', at: phase.until };
    case 'halfOpen':
      return { what: 'the trial shows whether it answers well', at: null };
    case 'degraded':
      return { what: 'nothing until its cause is mended; it clears by itself', at: null };
    case 'paused':
      return pausedStep(name, phase);
    case 'unknown':
      if (isBlind(phase)) {
        return { what: 'it is asked on, and not restarted while nothing is known of it', at: null };
      }
      return {
        what: 'it is judged again when the monitor is fit to',
        // Endless as long as it is unfit; a while after that.
        at: Number.isFinite(phase.settled) ? phase.settled : null,
      };
  }
}

/** The phases at whose end a restart stands. */
const RESTARTED: ReadonlySet<string> = new Set(['starting', 'failing', 'backoff', 'open']);

/** The same of an app that is only looked at. */
function observedStep(phase: TargetView['state']['phase']): NextStep {
  if (phase.name !== 'starting') return { what: NO_RESTART, at: null };
  const what = `told, if it has not answered well by then; ${NO_RESTART}`;
  return { what, at: phase.deadline };
}

function pausedStep(
  name: string,
  { cause, until }: Extract<TargetView['state']['phase'], { name: 'paused' }>,
): NextStep {
  switch (cause) {
    case 'debugger':
      return { what: 'watched again when the program goes on', at: null };
    case 'operator':
      return Number.isFinite(until)
        ? { what: 'watched again', at: until }
        : { what: `nothing until \`pm2-liveness resume ${name}\``, at: null };
    case 'stopped':
    case 'deleted':
      return { what: 'nothing until somebody starts it in PM2', at: null };
  }
}
