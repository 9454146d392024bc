import { hostname } from 'node:os';
import type { Log } from '../report/log.ts';
import type { ChannelStatus, NotifyStatus } from '../report/notify-status.ts';
import type { TargetView } from '../report/view.ts';
import type { MonitorEvent } from '../report/worker-events.ts';
import type { Clock } from '../time/clock.ts';
import type { DiskQueue } from '../time/disk-queue.ts';
import type { Channel } from './channel/channel.ts';
import { Notifier } from './notifier.ts';
import { DeadManSwitch } from './ping/dead-man-switch.ts';
import { sendPing } from './ping/send-ping.ts';

/** Who gets messages, from the settings. */
export interface NotifySettings {
  readonly channels: readonly Channel[];
  /** The dead man's switch: its URL, which is a secret, and what may be shown of it; null for none. */
  readonly ping: { readonly url: string; readonly shown: string } | null;
}

/** What telling people uses while this monitor leads. */
interface NotifySessionDeps {
  /** PM2_HOME/pm2-liveness. */
  readonly dir: string;
  readonly clock: Clock;
  readonly disk: DiskQueue;
  readonly log: Log;
  readonly settings: NotifySettings;
  /** The present views of the watched targets. */
  readonly views: () => readonly TargetView[];
  /** Why the monitor itself cannot judge, or cannot keep what it knows; null while it can. */
  readonly ownTrouble: () => string | null;
}

/** Messages and the dead man's switch, while this monitor leads. Nothing runs that is not set. */
export class NotifySession {
  readonly #notifier: Notifier | null;
  readonly #ping: DeadManSwitch | null;

  private constructor(notifier: Notifier | null, ping: DeadManSwitch | null) {
    this.#notifier = notifier;
    this.#ping = ping;
  }

  /** Reads what waits from an earlier monitor; only for the holder of the lock. Never rejects. */
  static async open(deps: NotifySessionDeps): Promise<NotifySession> {
    const { channels, ping } = deps.settings;
    const notifier =
      channels.length === 0
        ? null
        : await Notifier.open({ ...deps, channels, host: hostname().slice(0, 64) });
    return new NotifySession(
      notifier,
      ping && new DeadManSwitch({ ...deps, ...ping, send: sendPing }),
    );
  }

  start(): void {
    this.#notifier?.start();
    this.#ping?.start();
  }

  /** Takes over an event of the monitor or a worker. */
  onEvent(event: MonitorEvent): void {
    this.#notifier?.onEvent(event);
  }

  /** Null where nothing is set. */
  status(): NotifyStatus | null {
    if (this.#notifier === null && this.#ping === null) return null;
    return {
      channels: this.#notifier?.status() ?? [],
      ping: this.#ping?.status() ?? null,
    };
  }

  /** A sentence for everything that does not reach anybody. */
  problems(): readonly string[] {
    const status = this.status();
    if (status === null) return [];
    const { warning = null } = this.#notifier ?? {};
    return [
      ...(warning === null ? [] : [warning]),
      ...status.channels.flatMap((channel) => channelProblem(channel)),
      ...(status.ping?.problem ? [`ping ${status.ping.shown}: ${status.ping.problem}`] : []),
    ];
  }

  /** Writes what waits, and stops. Never rejects. */
  async close(): Promise<void> {
    await Promise.all([this.#notifier?.close(), this.#ping?.stop(true)]);
  }

  /** Stops without another write: another monitor leads. */
  async abandon(): Promise<void> {
    await Promise.all([this.#notifier?.abandon(), this.#ping?.stop(false)]);
  }
}

function channelProblem({ shown, name, waiting, problem }: ChannelStatus): string[] {
  if (problem === null) return [];
  const wait =
    waiting === 0 ? '' : `; ${waiting === 1 ? '1 message waits' : `${waiting} messages wait`}`;
  return [`notify ${name} (${shown}): ${problem}${wait}`];
}
