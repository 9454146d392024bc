import type { BusEvent, DaemonOutput, Output } from '../../pm2/bus-event.ts';
import type { Pm2Client } from '../../pm2/client.ts';
import { readDaemonLine } from '../../pm2/daemon-line.ts';
import type { ManagedProcess } from '../../pm2/process.ts';
import type { Clock } from '../../time/clock.ts';
import type { ObservedRestart } from './observed-restart.ts';
import { TrackedProcess, type Flight, type Hearing } from './tracked-process.ts';

/** Which processes a restart of ours is for: one, or those of a cluster. */
interface OwnOrder {
  readonly pmId: number;
  readonly members?: readonly { readonly pmId: number }[];
}

/** Hears on PM2's bus why it restarts the apps that are watched, and gives each restart once, with its cause. */
export class RestartWatch {
  readonly #pm2: Pm2Client;
  readonly #clock: Clock;
  readonly #onRestart: (restart: ObservedRestart) => void;
  /** By pm_id; none for an app that is not watched. */
  readonly #tracked = new Map<number, TrackedProcess>();
  /** The last restart of ours of each process. */
  readonly #flights = new Map<number, Flight>();
  #names: ReadonlyMap<number, string> = new Map();
  #unsubscribers: readonly (() => void)[] = [];

  constructor(pm2: Pm2Client, clock: Clock, onRestart: (restart: ObservedRestart) => void) {
    this.#pm2 = pm2;
    this.#clock = clock;
    this.#onRestart = onRestart;
  }

  start(): void {
    this.#unsubscribers = [
      this.#pm2.onDaemonOutput((output) => this.#hearDaemon(output)),
      this.#pm2.onOutput((output, isError) => this.#hearOutput(output, isError)),
      this.#pm2.onEvent((event) => this.#hearEvent(event)),
    ];
  }

  /** Idempotent. */
  stop(): void {
    for (const unsubscribe of this.#unsubscribers) unsubscribe();
    this.#unsubscribers = [];
  }

  /** Takes over PM2's list of the apps that are watched. */
  follow(processes: readonly ManagedProcess[]): void {
    this.#names = new Map(processes.map(({ pmId, name }) => [pmId, name]));
    for (const pmId of this.#tracked.keys()) {
      if (this.#names.has(pmId)) continue;
      this.#tracked.delete(pmId);
      this.#flights.delete(pmId);
    }
    const hearing = this.#hearing();
    for (const process of processes) {
      const tracked = this.#tracked.get(process.pmId);
      if (tracked === undefined) {
        this.#tracked.set(process.pmId, new TrackedProcess(process, hearing));
      } else {
        this.#report(tracked.follow(process, this.#flightOf(process.pmId), hearing));
      }
    }
  }

  /** Follows a restart of ours to its end, and gives that. */
  async followOwn<Ended extends { readonly result: string }>(
    { pmId: first, members = [{ pmId: first }] }: OwnOrder,
    restart: Promise<Ended>,
  ): Promise<Ended> {
    const from = this.#clock.wall();
    const pmIds = members.map(({ pmId }) => pmId);
    for (const pmId of pmIds) this.#flights.set(pmId, { from, to: null });
    const end = (to: number): void => {
      for (const pmId of pmIds) this.#flights.set(pmId, { from, to });
    };
    try {
      const ended = await restart;
      // A restart that was not issued stopped and started nothing.
      end(ended.result === 'skipped' ? from : this.#clock.wall());
      return ended;
    } catch (error) {
      end(this.#clock.wall());
      throw error;
    }
  }

  #hearDaemon({ text, at }: DaemonOutput): void {
    const line = readDaemonLine(text);
    if (line === null) return;
    if (line.type !== 'watch') return this.#tracked.get(line.pmId)?.hearLine(line, at);
    for (const [pmId, name] of this.#names)
      if (name === line.name) this.#tracked.get(pmId)?.hearLine(line, at);
  }

  #hearOutput({ pmId, text }: Output, isError: boolean): void {
    if (isError) this.#tracked.get(pmId)?.hearError(text);
  }

  #hearEvent(event: BusEvent): void {
    const tracked = this.#tracked.get(event.pmId);
    if (tracked === undefined) return;
    this.#report(tracked.hearEvent(event, this.#flightOf(event.pmId), this.#hearing()));
  }

  #report(restarts: readonly ObservedRestart[]): void {
    for (const restart of restarts) this.#onRestart(restart);
  }

  #flightOf(pmId: number): Flight | null {
    return this.#flights.get(pmId) ?? null;
  }

  #hearing(): Hearing {
    return { now: this.#clock.now(), connection: this.#pm2.busConnection() };
  }
}
