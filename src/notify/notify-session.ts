import { hostname } from 'node:os';
import type { Log } from '../report/log.ts';
import type { ChannelStatus, NotifyStatus } from '../report/notify-status.ts';
import type { TargetView } from '../report/view.ts';
import type { MonitorEvent } from '../report/worker-events.ts';
import type { Clock } from '../time/clock.ts';
import type { DiskQueue } from '../time/disk-queue.ts';
import type { Channel } from './channel/channel.ts';
import type { FactSources } from './current-facts.ts';
import { factSourcesOf, type MonitorParts } from './fact-sources.ts';
import type { Notifier } from './notifier.ts';
import { DeadManSwitch, type StopCause } from './ping/dead-man-switch.ts';
import { sendPing } from './ping/send-ping.ts';

export type { StopCause };

/** Who gets messages, from the settings. */
export interface NotifySettings {
  readonly channels: readonly Channel[];
  /** The dead man's switch: its URL, which is a secret, and what may be shown of it; null for none. */
  readonly ping: { readonly url: string; readonly shown: string } | null;
}

/** What telling people uses while this monitor leads. */
interface NotifySessionDeps extends MonitorParts {
  /** PM2_HOME/pm2-liveness. */
  readonly dir: string;
  readonly clock: Clock;
  readonly disk: DiskQueue;
  readonly log: Log;
  readonly settings: NotifySettings;
}

/** Messages and the dead man's switch, while this monitor leads. Nothing runs that is not set. */
export class NotifySession {
  readonly #notifier: Notifier | null;
  readonly #ping: DeadManSwitch | null;
  readonly #names: readonly string[];

  private constructor(
    notifier: Notifier | null,
    ping: DeadManSwitch | null,
    channels: readonly Channel[],
  ) {
    this.#notifier = notifier;
    this.#ping = ping;
    this.#names = channels.map(({ name }) => name);
  }

  /** Reads what waits from an earlier monitor; only for the holder of the lock. Never rejects. */
  static async open(deps: NotifySessionDeps): Promise<NotifySession> {
    const { channels, ping } = deps.settings;
    const own = { ...deps, ...factSourcesOf(deps) };
    const notifier = channels.length === 0 ? null : await openNotifier(own, channels);
    const ownTrouble = (): string | null => own.ownTrouble() ?? deps.selfCheck.roundTrouble();
    const dead = ping && new DeadManSwitch({ ...own, ...ping, send: sendPing, ownTrouble });
    return new NotifySession(notifier, dead, channels);
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

  /** A sentence for everything that does not reach anybody; `views` are the present ones. */
  problems(views: readonly TargetView[]): readonly string[] {
    const { warning = null } = this.#notifier ?? {};
    const { channels = [], ping = null } = this.status() ?? {};
    return [
      ...(warning === null ? [] : [warning]),
      ...channels.flatMap((channel) => channelProblem(channel)),
      ...(ping?.problem ? [`ping ${ping.shown}: ${ping.problem}`] : []),
      ...views.flatMap((view) => this.#unknownNames(view)),
    ];
  }

  /** Names in an app's block that no channel has: nobody would get its messages. */
  #unknownNames({ name, config: { notify = 'all' } }: TargetView): string[] {
    const known = this.#names;
    const unknown = notify === 'all' ? [] : notify.filter((each) => !known.includes(each));
    return unknown.map((each) => {
      const have = known.length === 0 ? 'there are none' : `the channels are ${known.join(', ')}`;
      return `${name}: notify has '${each}', which is no channel; ${have}`;
    });
  }

  /** Writes what waits, and stops; `cause` is why. Never rejects. */
  async close(cause: StopCause): Promise<void> {
    await Promise.all([this.#notifier?.close(), this.#ping?.stop(cause)]);
  }

  /** Stops without another write: another monitor leads. */
  async abandon(): Promise<void> {
    await Promise.all([this.#notifier?.abandon(), this.#ping?.stop('handover')]);
  }
}

/** Loaded only where there are channels. */
async function openNotifier(
  deps: NotifySessionDeps & FactSources,
  channels: readonly Channel[],
): Promise<Notifier> {
  const { Notifier } = await import('./notifier.ts');
  return Notifier.open({ ...deps, channels, host: hostname().slice(0, 64) });
}

function channelProblem({ shown, name, waiting, problem }: ChannelStatus): string[] {
  if (problem === null) return [];
  const wait =
    waiting === 0 ? '' : `; ${waiting === 1 ? '1 message waits' : `${waiting} messages wait`}`;
  return [`notify ${name} (${shown}): ${problem}${wait}`];
}
