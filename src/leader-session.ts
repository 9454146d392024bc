import { dataDir } from './config/data-dir.ts';
import { executeAsLeader } from './action/execute-as-leader.ts';
import type { ExecutionResult, RestartOrder } from './action/restart-order.ts';
import { UnstartedApps } from './os/boot/unstarted-apps.ts';
import { SharedReader } from './os/shared-reader.ts';
import { sanitizeLine } from './text/sanitize.ts';
import type { ChannelStatus } from './report/notify-status.ts';
import type { History, LeadingFacts } from './report/status.ts';
import type { TargetView } from './report/view.ts';
import type { Misconfigured } from './target/block-cache.ts';
import { DiskQueue } from './time/disk-queue.ts';
import { IncidentRecorder } from './history/incident-recorder.ts';
import { SelfCheck } from './monitor/self-check.ts';
import { removeStaleSocket } from './action/remove-stale-socket.ts';
import { createAppFilesOf } from './diagnosis/app-files.ts';
import { BoundedFiles } from './os/bounded-files.ts';
import { createLostLook } from './diagnosis/lost-reason.ts';
import { createDiagnoser } from './diagnosis/create-diagnoser.ts';
import { HistoryRecorder } from './history/history-recorder.ts';
import { WatchedBlocks } from './history/watched-blocks.ts';
import { StateRecorder, type OperatorCommand } from './history/state-recorder.ts';
import { Monitor } from './monitor/monitor.ts';
import { createRunAs } from './target/create-run-as.ts';
import { findUnwatched } from './target/watched-block.ts';
import { NotifySession, type StopCause } from './notify/notify-session.ts';
import { restoreWorkers } from './monitor/restore-workers.ts';
import { RestartSlot } from './monitor/restart-slot.ts';
import type { LeaderSessionDeps } from './leader-session-deps.ts';
import { lazyListener, type LazyListener } from './listener/lazy-listener.ts';
import { createRecorder, type MetricsRecorder } from './listener/metrics/metrics-recorder.ts';
import { createEmit, logEvents, type RareEvent } from './report/worker-events.ts';
import type { Worker } from './monitor/worker/worker.ts';

/** The time in which we lead: from getting the lock until it is lost or given up. */
export class LeaderSession {
  readonly #deps: LeaderSessionDeps;
  readonly #selfCheck: SelfCheck;
  readonly #monitor: Monitor;
  readonly #states: StateRecorder;
  readonly #incidents: IncidentRecorder;
  readonly #unstarted: UnstartedApps;
  readonly #watched: WatchedBlocks;
  /** Null where nobody can ask for `/metrics`. */
  readonly #recorder: MetricsRecorder | null;
  readonly #histories: HistoryRecorder;
  #notify: NotifySession | null = null;
  #listener: LazyListener | null = null;
  #overload: string | null = null;

  private constructor(
    deps: LeaderSessionDeps,
    disk: DiskQueue,
    states: StateRecorder,
    incidents: IncidentRecorder,
  ) {
    const { clock, log, metrics, pm2 } = deps;
    this.#deps = deps;
    this.#states = states;
    this.#incidents = incidents;
    this.#selfCheck = new SelfCheck(clock);
    this.#unstarted = new UnstartedApps(deps);
    const onChange = (): void => this.#monitor.refreshSoon();
    const dir = dataDir(deps.pm2Home);
    this.#watched = new WatchedBlocks({ dir, disk, log, onChange });
    this.#recorder = deps.listener ? createRecorder(clock, deps.listener, this) : null;
    const own = { dir, clock, disk, log };
    this.#histories = new HistoryRecorder({ ...own, targets: () => this.workers() });
    const every = [this.#histories.onEvent, ...(this.#recorder ? [this.#recorder.onEvent] : [])];
    const [reader, files] = [new SharedReader(deps.reader, clock), new BoundedFiles(clock)];
    this.#monitor = new Monitor({
      ...deps,
      selfCheck: this.#selfCheck,
      slot: new RestartSlot(),
      runAs: createRunAs(deps),
      lostLook: createLostLook(deps.pm2Home),
      createDiagnoser: () => createDiagnoser({ ...deps, reader, files }),
      removeStaleSocket: (path) => removeStaleSocket(path, reader),
      files,
      createAppFiles: createAppFilesOf({ clock, reader, files, pm2 }),
      blocks: this.#watched,
      restore: (name, instance) => states.restore(name, instance),
      execute: (order) => this.#execute(order),
      // The metrics first, then these in this order.
      emit: createEmit(metrics, every, [logEvents(log), (event) => this.#onEvent(event)]),
    });
  }

  /** Reads the saved state, then starts to watch. */
  static async start(deps: LeaderSessionDeps): Promise<LeaderSession> {
    const { pm2Home, clock, log, disk = new DiskQueue(clock) } = deps;
    const dir = dataDir(pm2Home);
    let session: LeaderSession | null = null;
    const states = await StateRecorder.open({
      dir,
      clock,
      log,
      disk,
      views: () => session?.views() ?? [],
      onLateRead: (restoredOf) => {
        session?.onFolderBack();
        restoreWorkers(session?.workers() ?? [], restoredOf);
      },
    });
    const incidents = await IncidentRecorder.open({ dir, clock, log, disk });
    session = new LeaderSession(deps, disk, states, incidents);
    await session.#watched.look();
    session.#notify = await session.#openNotify(dir, disk);
    session.#monitor.start();
    session.#histories.start();
    session.#notify?.start();
    session.#listener = session.#createListener(dir, disk);
    session.#listener?.start();
    return session;
  }

  views(): TargetView[] {
    return this.#monitor.views();
  }

  /** To be called when our folder on disk can be used again. */
  onFolderBack(): void {
    this.#incidents.onFolderBack();
    void this.#histories.save();
  }

  misconfigured(): Misconfigured[] {
    return this.#monitor.misconfigured();
  }

  workers(): Worker[] {
    return this.#monitor.workers();
  }

  workersOf(name: string): Worker[] {
    return this.#monitor.workersOf(name);
  }

  /** What the status document says of the leader alone. */
  facts(): LeadingFacts {
    const unwatched = findUnwatched(this.#deps.pm2.last(), this.#watched.blockOf);
    const notifications = this.#notify?.status() ?? null;
    return {
      unfit: this.#selfCheck.check(),
      history: this.history(),
      lastRoundAt: this.#selfCheck.pm2AnsweredAt,
      unwatched,
      notifications,
      listener: this.#listener?.status() ?? null,
    };
  }

  /** How each channel of messages does. */
  channels(): readonly ChannelStatus[] {
    return this.#notify?.status()?.channels ?? [];
  }

  history(): History {
    const kept = this.#states.history();
    const { trouble } = this.#incidents;
    return kept.isKept && trouble !== null ? { isKept: false, why: trouble } : kept;
  }

  /** What is wrong beside the targets, of which these are the `views`; empty where nothing is. */
  warnings(views: readonly TargetView[]): readonly string[] {
    const { warning } = this.#unstarted;
    const files = [this.#states, this.#incidents, this.#watched, this.#histories];
    const warnings = [
      ...files.map((each) => each.warning),
      this.#listener?.warning ?? null,
      this.#overload,
      warning,
      ...(this.#notify?.problems(views) ?? []),
    ];
    return warnings.filter((warning) => warning !== null);
  }

  /** Carries out an operator's command on a worker. It is on disk before this resolves. */
  async command(worker: Worker, command: OperatorCommand, ms?: number): Promise<void> {
    worker.command(command, ms);
    // A worker reports a new state or memory. A pause with only a new length is neither, so it is saved here.
    this.#states.remember(worker.view(), command);
    await this.#states.save();
  }

  /** Stops the watch, and saves what is known; `cause` is why. Idempotent. */
  async stop(cause: StopCause = 'signal'): Promise<void> {
    const closing = this.#listener?.close();
    await this.#histories.collect();
    await this.#monitor.stop();
    const kept = [this.#states.close(), this.#incidents.close(), this.#histories.close()];
    await Promise.all([...kept, this.#notify?.close(cause), closing]);
  }

  /** Stops the watch and writes nothing more, because another monitor leads. Idempotent. */
  async abandon(): Promise<void> {
    this.#histories.abandon();
    const left = [this.#states.abandon(), this.#incidents.abandon(), this.#monitor.stop()];
    await Promise.all([...left, this.#notify?.abandon(), this.#listener?.close()]);
  }

  async #execute(order: RestartOrder): Promise<ExecutionResult> {
    const execution = await executeAsLeader(order, {
      ...this.#deps,
      save: () => this.#states.save(),
      onLate: ({ name }, { result, detail }) => {
        const level = result === 'failed' ? 'error' : 'info';
        this.#deps.log.line(level, `${sanitizeLine(name)}: ${sanitizeLine(detail)}`);
      },
    });
    this.#monitor.refreshSoon();
    return execution;
  }

  async #openNotify(dir: string, disk: DiskQueue): Promise<NotifySession | null> {
    const { notify: settings } = this.#deps;
    if (settings === undefined) return null;
    const views = (): readonly TargetView[] => this.views();
    const own = { views, selfCheck: this.#selfCheck, history: () => this.history() };
    return NotifySession.open({ ...this.#deps, dir, disk, settings, ...own });
  }

  /** Null where nobody may look. */
  #createListener(dir: string, disk: DiskQueue): LazyListener | null {
    const { listener: settings } = this.#deps;
    if (settings === undefined) return null;
    return lazyListener({
      ...this.#deps,
      ...settings,
      dir,
      disk,
      views: () => this.views(),
      viewsOf: (name) => this.workersOf(name).map((worker) => worker.view()),
      // PM2 has answered a little before there are workers.
      hasLooked: () => this.#selfCheck.hasEndedRound,
      unfit: () => this.#selfCheck.check(),
      metrics: (format) => this.#recorder?.text(format) ?? '',
      history: this.#histories,
    });
  }

  #onEvent(event: RareEvent): void {
    this.#states.onEvent(event);
    this.#incidents.onEvent(event);
    this.#notify?.onEvent(event);
    if (event.type === 'overload') this.#overload = event.reason;
  }
}
