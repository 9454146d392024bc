import { isDeepStrictEqual } from 'node:util';
import type { Overrides } from '../config/target-config.ts';
import { messageOf } from '../errors.ts';
import type { Pm2Client } from '../pm2/client.ts';
import type { BusEvent } from '../pm2/bus-event.ts';
import type { State } from '../verdict/state.ts';
import type { ManagedProcess } from '../pm2/process.ts';
import { harmless } from '../report/harmless.ts';
import type { Misconfigured, TargetView } from '../report/view.ts';
import { Arrivals } from './arrivals.ts';
import { Beats } from './beats.ts';
import { together, type GroupLife, type Together } from './group-observation.ts';
import { targetsOf, type Target } from './grouping.ts';
import { goneFrom, observationOf } from './observation.ts';
import { RollCall } from './roll-call.ts';
import { Settings } from './settings.ts';
import { SharedHold } from './shared-hold.ts';
import { StopFilter } from './stop-filter.ts';
import { Wait } from './wait.ts';
import { isHeir, type Watched } from './watched.ts';
import type { News, WorkerPorts } from './worker-ports.ts';
import { Worker } from './worker.ts';

/** PM2's list is the truth and is asked this often; the bus only makes it prompt (DESIGN §5). */
const POLL_MS = 2_000;
/** Not asked more often than this, whatever the bus says: one app in a crash loop is no reason. */
const SPACING_MS = 100;
/** How soon the list is asked again when it was caught in the middle of something. */
const SOON_MS = 250;

/** What the monitor needs. */
export interface MonitorPorts extends Omit<WorkerPorts, 'heldUntil' | 'pulseOf'> {
  readonly pm2: Pm2Client;
  readonly overrides: Overrides;
  /** Our own pm_id, never watched; null when PM2 does not run us. */
  readonly ownPmId: number | null;
  readonly tellMisconfigured: (app: Misconfigured) => void;
  /** An error of our own; the loop goes on. */
  readonly tellBug: (error: unknown) => void;
}

/** Keeps one worker for every target among the apps that ask for it, as PM2's list says (DESIGN §2). */
export class Monitor {
  readonly #ports: MonitorPorts;
  /** One for all of them: with thousands of targets each object of their own counts. */
  readonly #workerPorts: WorkerPorts;
  readonly #settings: Settings;
  /** By the target's key. */
  readonly #watched = new Map<string, Watched>();
  readonly #stops = new StopFilter();
  readonly #beats: Beats;
  readonly #wait = new Wait();
  readonly #arrivals = new Arrivals();
  readonly #leaving = new Set<Promise<void>>();
  readonly #hold = new SharedHold(
    () => this.#workers().map(({ state }) => state),
    () => this.#ports.clock.now(),
  );
  readonly #rollCall: RollCall;
  #isStopping = false;
  #loop: Promise<void> | null = null;
  #unsubscribe: () => void = () => undefined;

  constructor(ports: MonitorPorts) {
    this.#ports = ports;
    this.#beats = new Beats(ports.clock, ports.pm2);
    this.#settings = new Settings(ports.overrides, ports.tellMisconfigured);
    this.#rollCall = new RollCall(ports.clock);
    const { pulseOf } = this.#beats;
    const heldUntil = (state: State): number => this.#hold.untilFor(state);
    this.#workerPorts = { ...ports, heldUntil, pulseOf, tell: (...told) => this.#tell(...told) };
    ports.guard.onChange((unfit) => {
      for (const { worker } of this.#watched.values()) worker.judgeFitness(unfit);
    });
  }

  start(): void {
    this.#unsubscribe = this.#ports.pm2.onEvent((event) => this.#hear(event));
    this.#beats.start();
    this.#ports.guard.start();
    this.#loop ??= this.#run();
  }

  /** Ends every worker; resolves when all are over. Idempotent. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#unsubscribe();
    this.#beats.stop();
    this.#ports.guard.stop();
    this.#wait.wake();
    await this.#loop;
    for (const { worker } of this.#watched.values()) this.#leave(worker);
    this.#watched.clear();
    await Promise.all(this.#leaving);
  }

  views(): TargetView[] {
    return [...this.#watched.values()].map(({ worker }) => worker.view());
  }

  misconfigured(): Misconfigured[] {
    return this.#settings.misconfigured();
  }

  /** The workers of an app: one, or one per instance where each has a port of its own. */
  workersOf(name: string): Worker[] {
    return [...this.#watched.values()]
      .filter(({ observation }) => observation.name === name)
      .map(({ worker }) => worker);
  }

  /** Asks PM2 again now rather than at the next poll. */
  refreshSoon(): void {
    this.#wait.wake();
  }

  async #run(): Promise<void> {
    const { clock } = this.#ports;
    while (!this.#isStopping) {
      await this.#refresh();
      await clock.sleep(SPACING_MS);
      if (this.#isStopping) return;
      const ms = this.#stops.isPending(clock.now()) ? SOON_MS : POLL_MS;
      await this.#wait.sleep(ms - SPACING_MS, clock);
    }
  }

  async #refresh(): Promise<void> {
    const { pm2, guard, clock } = this.#ports;
    const askedAt = clock.now();
    let processes: ManagedProcess[];
    try {
      processes = await pm2.list();
    } catch {
      // Said by the guard, which every target's state shows.
      return guard.pm2Answers(false);
    }
    guard.pm2Answers(true);
    if (this.#isStopping) return;
    try {
      this.#beats.follow(processes, askedAt);
      this.#reconcile(processes);
    } catch (error) {
      this.#ports.tellBug(error);
    }
  }

  #reconcile(processes: readonly ManagedProcess[]): void {
    const { ownPmId } = this.#ports;
    const asking = processes.filter(({ pmId, block }) => pmId !== ownPmId && block !== undefined);
    for (const pmId of this.#settings.retain(asking)) this.#stops.forget(pmId);
    const targets = targetsOf(asking.flatMap((process) => this.#settings.read(process) ?? []));
    this.#part(targets);
    for (const target of targets) {
      try {
        this.#follow(target);
      } catch (error) {
        // One app's surprise must not keep the others from being watched.
        const message = harmless(`${target.name}: ${messageOf(error)}`);
        for (const process of target.processes) this.#settings.refuse(process, message);
      }
    }
    this.#arrivals.startAll();
  }

  /** Drops what is gone; what only asks elsewhere now, with settings changed, keeps its worker. */
  #part(targets: readonly Target[]): void {
    const keys = new Set(targets.map(({ key }) => key));
    for (const [key, watched] of this.#watched) {
      if (keys.has(key)) continue;
      const heir = targets.find(
        (target) => !this.#watched.has(target.key) && isHeir(target, watched),
      );
      this.#watched.delete(key);
      if (heir) this.#watched.set(heir.key, watched);
      else this.#drop(watched);
    }
  }

  /** Takes a target on, or takes over what is new of it. */
  #follow(target: Target): void {
    const { key, config } = target;
    const known = this.#watched.get(key);
    const { observation, life } = this.#observe(target, known?.life ?? null);
    const pmIds = target.processes.map(({ pmId }) => pmId);
    if (known === undefined) {
      const worker = new Worker(observation, config, this.#workerPorts);
      this.#watched.set(key, { worker, pmIds, config, observation, life });
      this.#hold.forget();
      this.#arrivals.add(worker);
      return;
    }
    if (known.config !== config && !isDeepStrictEqual(known.config, config)) {
      known.worker.configure(config);
    }
    Object.assign(known, { pmIds, config, observation, life });
    known.worker.observe(observation);
  }

  /** What PM2 says of a target's processes, each end of one believed only when it stands. */
  #observe({ processes, instance, isCluster }: Target, before: GroupLife | null): Together {
    const { clock } = this.#ports;
    const members = processes.map((process) => ({
      ...this.#stops.pass(observationOf(process, clock), clock.now()),
      instance,
    }));
    const [alone] = members;
    return isCluster || alone === undefined
      ? together(members, before)
      : { observation: alone, life: null };
  }

  /** Phases change with a decision only, and every decision is told. */
  #tell(view: TargetView, news: News): void {
    if (news.type === 'decision') {
      this.#hold.forget();
      this.#rollCall.hear(news.decision, () => this.#workers());
    }
    this.#ports.tell(view, news);
  }

  #workers(): Worker[] {
    return [...this.#watched.values()].map(({ worker }) => worker);
  }

  #drop({ worker, observation }: Watched): void {
    this.#hold.forget();
    worker.observe(goneFrom(observation));
    this.#leave(worker);
  }

  #leave(worker: Worker): void {
    const left = worker.stop().finally(() => this.#leaving.delete(left));
    this.#leaving.add(left);
  }

  #hear({ event, manually, pmId }: BusEvent): void {
    if (!this.#settings.has(pmId) && event !== 'online') return;
    if (event === 'stop' && manually) this.#stops.believe(pmId);
    this.#wait.wake();
  }
}
