import { KeptOut } from '../diagnosis/kept-out.ts';
import { RestartWatch } from '../target/restarts/restart-watch.ts';
import { HeartbeatListener } from './heartbeat-listener.ts';
import type { MonitorDeps } from './monitor-deps.ts';
import type { Worker } from './worker/worker.ts';

/** What hears PM2's bus for all workers; started and stopped together. */
export class BusListeners {
  readonly heartbeats: HeartbeatListener;
  readonly keptOut: KeptOut;
  readonly restarts: RestartWatch;

  /** `workersAt` gives the workers whose target has the process of a pm_id. */
  constructor(
    { pm2, clock }: Pick<MonitorDeps, 'pm2' | 'clock'>,
    workersAt: (pmId: number) => readonly Worker[],
  ) {
    this.heartbeats = new HeartbeatListener(clock, pm2);
    this.keptOut = new KeptOut(pm2, (pmId) => {
      for (const worker of workersAt(pmId)) worker.askSoon(true);
    });
    this.restarts = new RestartWatch(pm2, clock, (restart) => {
      for (const worker of workersAt(restart.pmId)) worker.restarts.note(restart);
    });
  }

  start(): void {
    for (const each of [this.heartbeats, this.keptOut, this.restarts]) each.start();
  }

  /** Idempotent. */
  stop(): void {
    for (const each of [this.heartbeats, this.keptOut, this.restarts]) each.stop();
  }
}
