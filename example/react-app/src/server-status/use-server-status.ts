import { useEffect } from 'react';

import { useStoredState } from '../storage/use-stored-state.ts';
import { openOutage, recordSample, storedOutageLog } from './outage-log.ts';
import type { OutageLog } from './outage-log.ts';
import { addSample, storedSamples } from './sample.ts';
import type { Sample } from './sample.ts';
import { watchServer } from './watch-server.ts';

/** Whether the dev server answers now, and what this visit has seen of it. */
export interface ServerStatus {
  readonly isUp: boolean;
  readonly log: OutageLog;
  /** The latest checks, oldest first. */
  readonly samples: readonly Sample[];
}

/** Watches the dev server for as long as the component is mounted. */
export function useServerStatus(): ServerStatus {
  const [log, updateLog] = useStoredState(storedOutageLog);
  const [samples, updateSamples] = useStoredState(storedSamples);

  useEffect(
    () =>
      watchServer((sample) => {
        updateLog((current) => recordSample(current, sample));
        updateSamples((current) => addSample(current, sample));
      }),
    [updateLog, updateSamples],
  );

  return { isUp: openOutage(log) === undefined, log, samples };
}
