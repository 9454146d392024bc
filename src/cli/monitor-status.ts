import { getStatus } from '../control/client.ts';
import { placeOf } from '../control/place.ts';
import { codeOf } from '../errors.ts';
import type { ManagedProcess } from '../pm2/process.ts';
import type { StatusDocument } from '../report/status.ts';
import { StatusOverPm2 } from './status-over-pm2.ts';

/** The monitor answers in milliseconds; one that is stopped or very busy does not. */
const SOCKET_MS = 2_000;

/** The running monitor of a PM2_HOME, to be asked as often as one likes and closed at the end. */
export class MonitorInquiry {
  readonly #pm2Home: string;
  readonly #overPm2: StatusOverPm2;

  constructor(pm2Home: string) {
    this.#pm2Home = pm2Home;
    this.#overPm2 = new StatusOverPm2(pm2Home);
  }

  /**
   * Its status document: over its socket, which takes no PM2, and where nobody answers there over
   * PM2. Null where no monitor leads. Throws ERR_PM2_UNAVAILABLE where no daemon runs either.
   */
  async status(): Promise<StatusDocument | null> {
    const document = await this.#overSocket();
    // With the lock just taken, a new leader still says for an instant that it stands by.
    if (document && document.monitor.state !== 'standby') return document;
    const other = await this.#overPm2.ask();
    return other?.monitor.state === 'standby' ? null : other;
  }

  /** Everything that its PM2 runs. Throws as PM2's client does. */
  async processes(): Promise<readonly ManagedProcess[]> {
    return this.#overPm2.processes();
  }

  async close(): Promise<void> {
    await this.#overPm2.close();
  }

  async #overSocket(): Promise<StatusDocument | null> {
    try {
      return await getStatus(placeOf(this.#pm2Home).path, { timeoutMs: SOCKET_MS });
    } catch (error) {
      if (codeOf(error) === 'ERR_NO_MONITOR') return null;
      throw error;
    }
  }
}

/** True where every target answers well, there is one, and no block is refused. */
export function isAllWell({ targets, misconfigured }: StatusDocument): boolean {
  return (
    targets.length > 0 &&
    misconfigured.length === 0 &&
    targets.every(({ state }) => state === 'healthy')
  );
}

/** A line per app: name, and what its state is and why. */
export function statusLines({
  monitor,
  targets,
  misconfigured,
  problems,
}: StatusDocument): string[] {
  const width = Math.max(0, ...targets.map(({ name }) => name.length));
  const { unfit, history } = monitor;
  return [
    ...(unfit === null ? [] : [`The monitor cannot judge now: ${unfit}.`]),
    ...(history?.why ? [`Restarts and pauses are not kept on disk: ${history.why}.`] : []),
    ...problems.map((problem) => `A problem of the monitor: ${problem}`),
    ...targets.map(
      ({ name, summary, probe }) => `${name.padEnd(width)}  ${summary}  ${probe.target}`,
    ),
    ...misconfigured.map(({ message }) => message),
  ];
}
