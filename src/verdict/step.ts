import { countForFlapping } from './incident/flapping-incident.ts';
import { trackIncident } from './incident/track-incident.ts';
import { holdForDeploy } from './deploy/hold-for-deploy.ts';
import { onSaved } from './deploy/on-saved.ts';
import { onDependency } from './dependency/on-dependency.ts';
import { countForUnstable } from './incident/unstable-incident.ts';
import type { Event } from './event.ts';
import { onActed } from './on-acted.ts';
import { onDebugger, onPause, onReset, onResume } from './on-operator.ts';
import { onProcess } from './on-process.ts';
import { onRestore } from './on-restore.ts';
import { onSample } from './on-sample.ts';
import { onTick } from './on-tick.ts';
import type { Policy } from './policy.ts';
import { endOrphan } from './restart.ts';
import { isBlind } from './state.ts';
import { unchanged, type Transition } from './transition.ts';
import { whileBlind } from './unknown/blind.ts';
import { onFitness, whileUnfit } from './unknown/unfit.ts';
import type { Verdict } from './verdict.ts';

/**
 * The whole policy of one target (DESIGN §4): a pure function without a clock, for every state and event.
 * An event that comes late counts at the newest time already seen.
 */
export function step(verdict: Verdict, event: Event, policy: Policy): Transition {
  const at = Math.max(event.at, verdict.at);
  const before = { ...verdict, at };
  const judged = judge(before, event.at === at ? event : { ...event, at }, policy);
  const next = holdForDeploy(before, judged, event);
  const counted = countForUnstable(countForFlapping(verdict, next, event), event);
  return trackIncident(verdict, counted, event, policy);
}

/** Calls the function for this kind of event. In the state `unknown` most events do not count. */
function judge(verdict: Verdict, event: Event, policy: Policy): Transition {
  const { state } = verdict;
  if (isBlind(state)) return whileBlind(verdict, state, event, policy, judge);
  if (state.name === 'unknown') return whileUnfit(verdict, state, event, policy, judge);
  switch (event.type) {
    case 'process':
      return onProcess(verdict, event, policy);
    case 'sample':
      return onSample(verdict, event, policy);
    case 'tick':
      return onTick(verdict, event, policy);
    case 'orphan':
      return endOrphan(verdict, event.failure, event, policy);
    case 'acted':
      return onActed(verdict, event, policy);
    case 'fitness':
      return onFitness(verdict, event.unfit);
    case 'dependency':
      return onDependency(verdict, event, policy);
    case 'debugger':
      return onDebugger(verdict, event.by, policy);
    case 'pause':
      return onPause(verdict, event.until);
    case 'resume':
      return onResume(verdict, policy);
    case 'reset':
      return onReset(verdict, policy);
    case 'restarted':
      // Counted beside everything else.
      return unchanged(verdict);
    case 'restore':
      return onRestore(verdict, event);
    case 'saved':
      return onSaved(verdict, event.what, policy);
  }
}
