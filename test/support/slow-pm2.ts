import type { ProcessFacts } from '../../src/os/os-reader.ts';
import type { ManagedProcess } from '../../src/pm2/process.ts';
import { systemClock } from '../../src/time/clock.ts';
import { FakePm2 } from './fake-pm2.ts';

/** A PM2 whose restart lasts until a process is killed, or for a few looks. */
export class SlowPm2 extends FakePm2 {
  readonly killed: number[] = [];
  /** What its list shows while it restarts the app; null: as before. */
  shown: Partial<ManagedProcess> | null = { status: 'stopping' };
  #isRestarting = false;

  override async restart(process: ManagedProcess): Promise<void> {
    this.calls.push(`restart ${process.pmId}`);
    this.#isRestarting = true;
    for (let look = 0; look < 10 && this.killed.length === 0; look += 1)
      await systemClock.sleep(20);
  }

  override async list(): Promise<ManagedProcess[]> {
    const isNew = this.#isRestarting && this.shown !== null;
    return this.processes.map((each) => (isNew ? { ...each, ...this.shown } : each));
  }
}

/** Process 100, or a child of it. */
export function facts(pid: number, fields: Partial<ProcessFacts> = {}): ProcessFacts {
  return {
    pid,
    ppid: pid === 100 ? 1 : 100,
    birth: `b${pid}`,
    uid: 0,
    startedAtMs: 1_000 + pid,
    cpuMs: 0,
    rssBytes: 1,
    state: 'stopped',
    tracerPid: 0,
    command: '',
    ...fields,
  };
}
