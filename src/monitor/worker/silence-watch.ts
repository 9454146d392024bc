import type { Outcome } from '../../probe/probe.ts';
import type { Silence } from '../../probe/runner.ts';
import type { StopFinding } from '../../diagnosis/stopped-app.ts';
import { STOP_LOOK_MS } from '../../diagnosis/stop-watch.ts';
import type { Clock } from '../../time/clock.ts';

/**
 * Looks at the app's process while a probe waits for an answer that is late. Where the process is stopped, the
 * probe need not wait for its deadline (DESIGN §12). Never rejects as long as `look` does not.
 */
export async function watchSilence(
  { signal, settle }: Silence,
  look: () => Promise<StopFinding>,
  clock: Clock,
): Promise<void> {
  while (!signal.aborted) {
    const found = await look();
    if (found === 'no') return;
    if (found !== 'maybe') return settle(stoppedOutcome(found.pid));
    await clock.sleep(STOP_LOOK_MS, signal);
  }
}

/** The outcome of a probe of a process that is stopped. */
function stoppedOutcome(pid: number): Outcome {
  const detail = `its process ${pid} is stopped (state T), so it cannot answer`;
  return { kind: 'fail', class: 'timeout', detail, isStopped: true };
}
