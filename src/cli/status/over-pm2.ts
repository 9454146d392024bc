import { LivenessError } from '../../errors.ts';
import type { Pm2Connection } from '../../pm2/client.ts';
import { checkDaemon } from '../../pm2/daemon-socket.ts';
import type { ManagedProcess } from '../../pm2/process.ts';
import { isStatusDocument } from '../../report/is-status-document.ts';
import type { StatusDocument } from '../../report/status.ts';
import { isMonitorProcess, MONITOR_NAME } from '../../pm2/monitor-process.ts';

/** Asks the monitor over PM2's trigger. Connects once, with the first question. */
export class StatusOverPm2 {
  readonly #pm2Home: string;
  #pm2: Pm2Connection | null = null;

  constructor(pm2Home: string) {
    this.#pm2Home = pm2Home;
  }

  /** The status document; null where PM2 runs no monitor. Throws ERR_MONITOR for any other answer, and as PM2's client does. */
  async ask(): Promise<StatusDocument | null> {
    const pm2 = await this.#connected();
    const processes = await pm2.list();
    const monitor = processes.find((each) => isMonitorProcess(each) && each.status === 'online');
    if (!monitor) return null;
    const answer = await pm2.trigger(monitor, 'status');
    if (isStatusDocument(answer)) return answer;
    throw new LivenessError(
      'ERR_MONITOR',
      `${MONITOR_NAME} did not send a status document of version 1`,
    );
  }

  /** PM2's list. Throws as PM2's client does. */
  async processes(): Promise<readonly ManagedProcess[]> {
    return (await this.#connected()).list();
  }

  /** Stops a process and removes it from PM2. Throws as PM2's client does. */
  async remove(process: ManagedProcess): Promise<void> {
    return (await this.#connected()).delete(process);
  }

  /** The version of the daemon. Throws as PM2's client does. */
  async version(): Promise<string> {
    return (await this.#connected()).version();
  }

  async close(): Promise<void> {
    await this.#pm2?.close();
    this.#pm2 = null;
  }

  async #connected(): Promise<Pm2Connection> {
    if (this.#pm2) return this.#pm2;
    await checkDaemon(this.#pm2Home);
    // Loaded only here: PM2's package takes longer to load than a whole answer over the socket.
    const { Pm2Connection } = await import('../../pm2/client.ts');
    const pm2 = new Pm2Connection(this.#pm2Home);
    await pm2.connect();
    this.#pm2 = pm2;
    return pm2;
  }
}
