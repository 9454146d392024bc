import { KeptOut } from '../diagnosis/kept-out.ts';
import { socketOf } from '../text/socket-path.ts';
import { ReadyWatch } from '../target/ready-watch.ts';
import { RestartWatch } from '../target/restarts/restart-watch.ts';
import { HeartbeatListener } from './heartbeat-listener.ts';
import type { TargetView } from '../report/view.ts';
import type { MonitorDeps } from './monitor-deps.ts';
import type { Worker } from './worker/worker.ts';

/** What hears PM2's bus for all workers; started and stopped together. */
export class BusListeners {
  readonly heartbeats: HeartbeatListener;
  readonly keptOut: KeptOut;
  readonly restarts: RestartWatch;
  readonly ready: ReadyWatch;

  /**
   * `workersAt` gives the workers whose target has the process of a pm_id; `onNews` is called when PM2's list has
   * something new to show of one.
   */
  constructor(
    deps: Pick<MonitorDeps, 'pm2' | 'clock' | 'removeStaleSocket' | 'emit'>,
    workersAt: (pmId: number) => readonly Worker[],
    onNews: (pmId: number) => void,
  ) {
    const { pm2, clock } = deps;
    this.heartbeats = new HeartbeatListener(clock, pm2);
    this.keptOut = new KeptOut(pm2, (pmId) => {
      for (const worker of workersAt(pmId)) {
        worker.askSoon(true);
        void removeSocket(worker.view(), deps);
      }
    });
    this.ready = new ReadyWatch({ pm2, clock, onNews });
    this.restarts = new RestartWatch(pm2, clock, (restart) => {
      for (const worker of workersAt(restart.pmId)) worker.restarts.note(restart);
    });
  }

  get #all(): readonly { start(): void; stop(): void }[] {
    return [this.heartbeats, this.keptOut, this.restarts, this.ready];
  }

  start(): void {
    for (const each of this.#all) each.start();
  }

  /** Idempotent. */
  stop(): void {
    for (const each of this.#all) each.stop();
  }
}

/**
 * Removes the socket at which an app is probed, where an ended process has left it: the app could not listen there.
 * Not where the app may not be restarted, or its old processes are not to be stopped.
 */
async function removeSocket(
  view: TargetView,
  { removeStaleSocket, emit }: Pick<MonitorDeps, 'removeStaleSocket' | 'emit'>,
): Promise<void> {
  const { probe, policy, reapOrphans } = view.config;
  const path = socketOf(probe);
  if (path === undefined || policy.action !== 'restart' || !reapOrphans) return;
  if (await removeStaleSocket(path)) emit({ type: 'socketRemoved', view, path });
}
