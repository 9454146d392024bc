import type { Incident, IncidentEnd } from './incident/incident.ts';
import type { IncarnationId } from './process.ts';
import type { StateName } from './state.ts';
import type { Failure } from './streak.ts';

/** What the state machine wants done or reported. */
export type Decision =
  | {
      readonly type: 'restart';
      readonly method: 'restart' | 'reload';
      /** The incarnation to stop; null for an app that PM2 gave up. */
      readonly incarnation: IncarnationId | null;
      readonly failure: Failure | null;
      readonly trial: boolean;
      /** Why a trial comes before the end of the cooldown, for a person. */
      readonly saved?: string;
      /** Whether an orphan of the app is stopped first. */
      readonly endsOrphan: boolean;
      /** Which restart in the budget's window this is, from 1. */
      readonly attempt: number;
    }
  /** `observe` mode: this restart would have been issued. */
  | { readonly type: 'withheld'; readonly failure: Failure }
  | {
      readonly type: 'transition';
      readonly from: StateName;
      readonly to: StateName;
      /** One of many that are not logged: `still` reports them once a minute. */
      readonly isHushed?: boolean;
    }
  | {
      readonly type: 'still';
      readonly what: 'flapping' | 'unstable' | 'unknown' | 'swinging' | 'deploy';
    }
  /** What the app depends on went down: neither restarted nor reported on its own until that is back. */
  | {
      readonly type: 'held' | 'released';
      /** The app's own state meanwhile. */
      readonly state: StateName;
      /** The app is well, or it is one of many; not logged. */
      readonly isHushed?: boolean;
    }
  | { readonly type: 'incidentOpened'; readonly incident: Incident }
  | {
      readonly type: 'incidentResolved';
      readonly incident: Incident;
      readonly end: IncidentEnd;
      /** One of many that are not logged; the journal has it. */
      readonly isHushed?: boolean;
    };
