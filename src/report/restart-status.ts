import type { RestartCause } from '../verdict/incident/unstable.ts';
import type { TargetView } from './view.ts';

/** A new incarnation that PM2 began, in the status document. */
export interface RestartStatus {
  readonly at: string;
  readonly cause: RestartCause;
  /** For a person. */
  readonly detail: string;
  /** How many restarts this stands for; more than 1 where they were not seen one by one. */
  readonly count: number;
}

/** The newest restarts of a target under PM2, the oldest first; absent where none is known. */
export function restartsOf({ pm2Restarts }: TargetView): {
  readonly pm2Restarts?: readonly RestartStatus[];
} {
  const restarts = (pm2Restarts?.last ?? []).map(({ at, cause, detail, count }) => {
    return { at: new Date(at).toISOString(), cause, detail, count };
  });
  return restarts.length === 0 ? {} : { pm2Restarts: restarts };
}
