import { isDeepStrictEqual } from 'node:util';
import { messageOf } from '../errors.ts';
import type { BusEvent } from '../pm2/bus-event.ts';
import type { ManagedProcess } from '../pm2/process.ts';
import { sanitizeLine } from '../text/sanitize.ts';
import type { TargetView } from '../report/view.ts';
import type { WorkerEvent } from '../report/worker-events.ts';
import { forEachInSlices } from '../time/slices.ts';
import { staggerStart } from './stagger-start.ts';
import { Gate } from './gate.ts';
import { targetsOf, type Configured, type Target } from '../target/grouping.ts';
import type { MonitorDeps } from './monitor-deps.ts';
import { goneFrom } from '../target/observation.ts';
import { BusListeners } from './bus-listeners.ts';
import { EarlyChecks } from './early-checks.ts';
import { DependencyWatch } from './dependency/dependency-watch.ts';
import { BlockCache, type Misconfigured } from '../target/block-cache.ts';
import { MassFailureHold } from './mass-failure-hold.ts';
import { TargetObserver } from '../target/target-observation.ts';
import { WakeableSleep } from '../time/wakeable-sleep.ts';
import { forgetSeen, isSteady, seenEntryOf } from './seen-entry.ts';
import { takeGone, workersAt, workersIn, workersNamed, type Watched } from './watched.ts';
import { pidsIn } from './watched.ts';
import type { WorkerDeps } from './worker/worker-deps.ts';
import { Worker } from './worker/worker.ts';

/** PM2's list is the truth and is read this often; an event on the bus has it read sooner (DESIGN §5). */
const POLL_MS = 2_000;
/** The list is not read more often than this, because one app may be in a crash loop. */
const SPACING_MS = 100;
/** How soon the list is read again when it showed PM2 at work. */
const SOON_MS = 250;

/** Runs one worker for each target, by PM2's list (DESIGN §2). */
export class Monitor {
  readonly #deps: MonitorDeps;
  /** One object for all workers: with thousands of targets the memory counts. */
  readonly #workerDeps: WorkerDeps;
  readonly #blocks: BlockCache;
  readonly #watched = new Map<string, Watched>(); // by the target's key
  readonly #observer: TargetObserver;
  readonly #bus: BusListeners;
  readonly #wait = new WakeableSleep();
  /** New workers, started when the whole list is known, so that no event comes before. */
  readonly #arrived: Worker[] = [];
  readonly #leaving = new Set<Promise<void>>();
  readonly #hold = new MassFailureHold(
    () => this.workers().map(({ verdict }) => verdict),
    () => this.#deps.clock.now(),
  );
  readonly #earlyChecks: EarlyChecks;
  readonly #dependencies: DependencyWatch;
  #isStopping = false;
  #loop: Promise<void> | null = null;
  #unsubscribe: () => void = () => undefined;

  constructor(deps: MonitorDeps) {
    this.#deps = deps;
    const listSoon = (): void => this.refreshSoon();
    const workersBy = (pmId: number): readonly Worker[] => workersAt(this.#watched, pmId);
    this.#bus = new BusListeners(deps, workersBy, (pmId) =>
      this.#hear({ event: 'ready', manually: false, pmId }),
    );
    this.#observer = new TargetObserver({ ...deps, ready: this.#bus.ready }, listSoon);
    const tell = (app: Misconfigured): void => deps.emit({ type: 'misconfigured', app });
    this.#blocks = new BlockCache(deps.overrides, tell);
    this.#earlyChecks = new EarlyChecks(deps.clock);
    const onOverload = (reason: string | null): void => deps.emit({ type: 'overload', reason });
    const gate = new Gate(() => deps.clock.now(), onOverload);
    const workerOf = (key: string): Worker | undefined => this.#watched.get(key)?.worker;
    this.#dependencies = new DependencyWatch({ ...deps, gate, workerOf, listSoon, tell });
    const { heartbeats, keptOut, restarts } = this.#bus;
    this.#workerDeps = {
      ...deps,
      gate,
      needOf: (...asked) => keptOut.needOf(...asked),
      heldUntil: (verdict) => this.#hold.untilFor(verdict),
      appPids: () => pidsIn(this.#watched),
      heartbeatOf: heartbeats.heartbeatOf,
      emit: (event) => this.#emit(event),
      dependencies: this.#dependencies,
      createAppFiles: () => deps.createAppFiles(keptOut),
      execute: (order) =>
        this.#observer.execute(order.pmId, () => restarts.followOwn(order, deps.execute(order))),
    };
  }

  start(): void {
    this.#unsubscribe = this.#deps.pm2.onEvent((event) => this.#hear(event));
    this.#bus.start();
    this.#deps.selfCheck.start();
    this.#loop ??= this.#run();
  }

  /** Stops every worker; resolves when all have stopped. Idempotent. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#unsubscribe();
    this.#bus.stop();
    this.#deps.selfCheck.stop();
    this.#wait.wake();
    await this.#loop;
    for (const worker of this.workers()) this.#leave(worker);
    this.#watched.clear();
    await Promise.all([...this.#leaving, this.#dependencies.stop()]);
  }

  views(): TargetView[] {
    return this.workers().map((worker) => worker.view());
  }

  misconfigured(): Misconfigured[] {
    return [...this.#blocks.misconfigured(), ...this.#dependencies.misconfigured()];
  }

  workersOf(name: string): Worker[] {
    return workersNamed(this.#watched, name);
  }

  /** Reads PM2's list now and not at the next poll. */
  refreshSoon(): void {
    this.#wait.wake();
  }

  async #run(): Promise<void> {
    const { clock } = this.#deps;
    while (!this.#isStopping) {
      await this.#refresh();
      await clock.sleep(SPACING_MS);
      if (this.#isStopping) return;
      const ms = this.#observer.isPending(clock.now()) ? SOON_MS : POLL_MS;
      await this.#wait.sleep(ms - SPACING_MS, clock);
    }
  }

  async #refresh(): Promise<void> {
    const { pm2, selfCheck, clock } = this.#deps;
    const askedAt = clock.now();
    let processes: ManagedProcess[];
    try {
      processes = await pm2.list();
    } catch (error) {
      // The self-check puts the reason into the state of every target.
      selfCheck.onPm2Answer(sanitizeLine(messageOf(error)));
      return this.#each(this.workers(), (worker) => worker.learnFitness());
    }
    selfCheck.onPm2Answer(null);
    if (this.#isStopping) return;
    try {
      this.#bus.heartbeats.follow(processes, askedAt);
      await this.#reconcile(processes, askedAt).then(() => selfCheck.onRoundEnd());
    } catch (error) {
      this.#deps.emit({ type: 'bug', error });
    }
  }

  async #reconcile(processes: readonly ManagedProcess[], askedAt: number): Promise<void> {
    const { ownPmId, blocks } = this.#deps;
    const all = blocks.applyTo(processes);
    const asking = all.filter(({ pmId, block }) => pmId !== ownPmId && block !== undefined);
    for (const pmId of this.#blocks.retain(asking)) this.#observer.forget(pmId);
    this.#bus.keptOut.follow(asking);
    const configured: Configured[] = [];
    await this.#each(asking, (process) => {
      const read = this.#blocks.read(process);
      if (read !== null) configured.push(read);
    });
    if (this.#isStopping) return;
    const targets = targetsOf(configured);
    for (const gone of takeGone(this.#watched, targets)) this.#drop(gone, processes);
    // Before any target hears of this list: what fell with its dependency is judged with that known.
    this.#dependencies.follow(processes, configured, targets, askedAt);
    await this.#each(targets, (target) => {
      try {
        this.#follow(target, askedAt);
      } catch (error) {
        // An error with one app must not prevent the watch of the others.
        const message = sanitizeLine(`${target.name}: ${messageOf(error)}`);
        for (const process of target.processes) this.#blocks.refuse(process, message);
      }
    });
    this.#bus.restarts.follow(asking);
    await this.#each(staggerStart(this.#arrived.splice(0)), ({ worker, inMs }) =>
      worker.start(inMs),
    );
  }

  /** To read five thousand blocks in one turn of the event loop takes seconds, in which no answer is received. */
  #each<Item>(items: readonly Item[], work: (item: Item) => void): Promise<void> {
    return forEachInSlices(
      items,
      () => this.#deps.clock.now(),
      work,
      () => !this.#isStopping,
    );
  }

  #follow(target: Target, askedAt: number): void {
    const { key, config } = target;
    const known = this.#watched.get(key);
    const connection = this.#deps.pm2.busConnection();
    if (known && isSteady(known, target, connection)) return known.worker.learnFitness();
    const seen = seenEntryOf(target, connection);
    const before = known?.incarnation ?? null;
    const { observation, incarnation } = this.#observer.observe(target, before, askedAt);
    const pmIds = target.processes.map(({ pmId }) => pmId);
    if (known === undefined) {
      const worker = new Worker(observation, config, this.#workerDeps);
      this.#watched.set(key, { worker, pmIds, config, observation, incarnation, seen });
      this.#hold.forget();
      this.#arrived.push(worker);
      return worker.observe(observation); // `status` may be asked before its probes begin
    }
    if (!isDeepStrictEqual(known.config, config)) known.worker.configure(config);
    Object.assign(known, { pmIds, config, observation, incarnation, seen });
    known.worker.observe(observation);
  }

  /** A state changes only with a decision, and every decision is an event. */
  #emit(event: WorkerEvent): void {
    if (event.type === 'decision') {
      this.#hold.forget();
      this.#earlyChecks.onDecision(event.decision, () => this.workers());
    }
    this.#deps.emit(event);
    if (event.type === 'decision') this.#dependencies.onDecision(event.view.name, event.decision);
  }

  workers(): Worker[] {
    return workersIn(this.#watched);
  }

  #drop({ worker, observation }: Watched, listed: readonly ManagedProcess[]): void {
    this.#hold.forget();
    worker.observe(goneFrom(observation, listed));
    this.#leave(worker);
  }

  #leave(worker: Worker): void {
    const left = worker.stop().finally(() => this.#leaving.delete(left));
    this.#leaving.add(left);
  }

  #hear({ event, manually, pmId }: Pick<BusEvent, 'event' | 'manually' | 'pmId'>): void {
    if (!this.#blocks.has(pmId) && event !== 'online') return;
    if (event === 'stop' && manually) this.#observer.believe(pmId);
    forgetSeen(this.#watched, pmId);
    this.#wait.wake();
  }
}
