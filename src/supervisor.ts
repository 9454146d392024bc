import type { MonitorConfig } from './config/load.ts';
import { leaderPid } from './control/client.ts';
import {
  commandsOf,
  type Command,
  type ControlledTarget,
  type CommandDeps,
} from './control/commands.ts';
import type { Lease } from './leader/lease.ts';
import { waitToLead } from './leader/lock.ts';
import { socketPathOf, type SocketPath } from './control/socket-path.ts';
import { routesOf } from './control/routes.ts';
import { createControlServer } from './control/server.ts';
import { LivenessError } from './errors.ts';
import type { NotifySettings } from './notify/notify-session.ts';
import { hostWatchOf, loopWatchOf, psWatchOf } from './host-watches.ts';
import type { HostWatch } from './monitor/host-watch.ts';
import type { LoopWatch } from './monitor/loop-watch.ts';
import type { PsWatch } from './monitor/ps-watch.ts';
import type { LeaderSessionDeps } from './leader-session-deps.ts';
import { LeaderSession } from './leader-session.ts';
import type { Worker } from './monitor/worker/worker.ts';
import { createOsReader } from './os/create-reader.ts';
import type { Pm2Client } from './pm2/client.ts';
import { createIo } from './pm2/io.ts';
import type { Log } from './report/log.ts';
import { Metrics } from './report/metrics.ts';
import { statusDocument, targetStatus, type StatusDocument } from './report/status.ts';
import type { TargetView } from './report/view.ts';
import type { Clock } from './time/clock.ts';
import { DiskQueue } from './time/disk-queue.ts';
import { firstOf } from './time/first-of.ts';

/** What the whole monitor uses. */
interface SupervisorDeps {
  readonly config: MonitorConfig;
  /** Who gets messages about incidents. */
  readonly notify: NotifySettings;
  /** Settings that are wrong beside those of `config`, one sentence each. */
  readonly problems: readonly string[];
  readonly version: string;
  readonly clock: Clock;
  /** A random number in [0, 1). */
  readonly random: () => number;
  readonly log: Log;
  /** The queue of all operations on the disk of our folder, without those of the lock. */
  readonly disk: DiskQueue;
  /** Connected. */
  readonly pm2: Pm2Client;
  /** Aborts when the monitor must stop; its reason is `daemon` where the PM2 daemon died. */
  readonly signal: AbortSignal;
}

/** Leads, or stands by until it can lead, again and again, until the signal aborts (DESIGN §7). */
export class Supervisor {
  readonly #deps: SupervisorDeps;
  readonly #socket: SocketPath;
  readonly #beganAt: number;
  readonly #problems: readonly string[];
  readonly #metrics: Metrics;
  readonly #ps: PsWatch;
  readonly #host: HostWatch;
  readonly #loops: LoopWatch;
  #session: LeaderSession | null = null;
  #held: Lease | null = null;

  constructor(deps: SupervisorDeps) {
    this.#deps = deps;
    this.#socket = socketPathOf(deps.config.pm2Home);
    this.#beganAt = deps.clock.now();
    const wrong = deps.config.problems.map(({ path, message }) => `${path}: ${message}`);
    this.#problems = [...wrong, ...deps.problems];
    this.#ps = psWatchOf(deps);
    this.#host = hostWatchOf(deps, () => this.#session !== null);
    const io = createIo();
    const views = (): readonly TargetView[] => this.#session?.views() ?? [];
    this.#metrics = new Metrics(io, deps.clock, views);
    this.#loops = loopWatchOf(deps, views, this.#metrics);
    for (const problem of this.#problems) deps.log.line('error', `ignored setting: ${problem}`);
    for (const [name, command] of Object.entries(commandsOf(this.#controls()))) {
      io.action(name, name === 'status' ? command : this.#unlessStandby(command));
    }
  }

  /** Resolves after the signal, when the state is saved and the lock is released. */
  async untilStopped(): Promise<void> {
    const { clock, signal } = this.#deps;
    void this.#ps.watch(signal);
    void this.#host.watch(signal);
    void this.#loops.watch(signal);
    const routes = routesOf(this.#controls());
    // A queue of its own, because a lock under /tmp is on another disk.
    const disk = new DiskQueue(clock);
    while (!signal.aborted) {
      const held = await waitToLead({
        socket: this.#socket,
        clock,
        signal,
        disk,
        openServer: () => createControlServer(routes),
        tell: (news, message) => void this.#tell(news, message),
      });
      if (held) await this.#lead(held);
    }
  }

  /** Runs one session, until the lock is lost or the signal aborts. */
  async #lead(held: Lease): Promise<void> {
    const { log, signal, config, clock, pm2, random, version, disk, notify } = this.#deps;
    if (held.trouble) log.line('error', `this monitor leads without the lock: ${held.trouble}`);
    this.#held = held;
    if (notify !== undefined && notify.channels.length > 0) {
      this.#metrics.registerNotify(() => this.#session?.channels() ?? []);
    }
    this.#session = await LeaderSession.start({
      clock,
      pm2,
      random,
      overrides: config.overrides,
      ownPmId: config.pmId,
      reader: createOsReader(process.platform, { clock }),
      pm2Home: config.pm2Home,
      ownPid: process.pid,
      lock: held,
      isPsMissing: () => this.#ps.check(),
      disk,
      log,
      metrics: this.#metrics,
      notify,
      ...this.#listening(),
    });
    log.line('info', `pm2-liveness ${version} watches the apps with an env_liveness block`);
    await firstOf(signal, held.lost);
    if (held.lost.aborted) {
      log.line('warn', 'the lock on this PM2_HOME was lost; nothing is watched until it is back');
      await this.#session.abandon();
    } else {
      await this.#session.stop(signal.reason === 'daemon' ? 'daemon' : 'signal');
    }
    this.#session = null;
    this.#held = null;
    await held.release();
  }

  /** What the listener needs of us; empty where there is none. */
  #listening(): Pick<LeaderSessionDeps, 'listener'> {
    const { config, version } = this.#deps;
    const { address, token } = config.listener;
    if (address === null) return {};
    const [status, host] = [() => this.#status(), () => this.#host.figures()];
    const loopDelayOf = (view: TargetView) => this.#loops.delayOf(view);
    return { listener: { address, token, version, status, host, loopDelayOf } };
  }

  async #tell(news: 'standby' | 'trouble' | 'locked', message: string): Promise<void> {
    const { log } = this.#deps;
    if (news !== 'standby') return log.line(news === 'locked' ? 'info' : 'error', message);
    this.#metrics.registerMonitor(() => (this.#session ? 'LEADS' : 'STANDBY'));
    log.line('info', `standby: another monitor leads${await this.#leader()}`);
  }

  #status(): StatusDocument {
    const { clock, version } = this.#deps;
    const session = this.#session;
    const views = session?.views() ?? [];
    const lock = this.#held?.trouble ?? null;
    const troubles = [
      lock && `no lock on this PM2_HOME: ${lock}`,
      ...(session?.warnings(views) ?? []),
      this.#ps.trouble(),
      ...this.#host.troubles(),
    ];
    const facts = {
      version,
      pid: process.pid,
      beganAt: this.#beganAt,
      problems: [...this.#problems, ...troubles.filter((trouble) => trouble !== null)],
      leading: session && session.facts(),
    };
    return statusDocument(facts, views, session?.misconfigured() ?? [], clock);
  }

  #controls(): CommandDeps {
    return {
      status: () => this.#status(),
      find: (name) => {
        const session = this.#session;
        return session
          ? session.workersOf(name).map((worker) => this.#controlled(session, worker))
          : [];
      },
      names: () => [...new Set(this.#session?.views().map(({ name }) => name))],
    };
  }

  /** A worker in the form for the commands. */
  #controlled(session: LeaderSession, worker: Worker): ControlledTarget {
    return {
      probeOnce: () => worker.probeOnce(),
      pause: (ms) => session.command(worker, 'pause', ms),
      resume: () => session.command(worker, 'resume'),
      reset: () => session.command(worker, 'reset'),
      status: () => targetStatus(worker.view(), this.#deps.clock),
    };
  }

  #unlessStandby(command: Command): Command {
    return async (parameter) => {
      if (this.#session) return command(parameter);
      const message = `this monitor stands by and watches nothing; ask the leader${await this.#leader()}`;
      throw new LivenessError('ERR_NO_MONITOR', message);
    };
  }

  /** ` (pid 123)`; empty where the pid is not known soon. */
  async #leader(): Promise<string> {
    const pid = await leaderPid(this.#socket.path);
    return pid === null ? '' : ` (pid ${pid})`;
  }
}
