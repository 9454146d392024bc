import { isDeepStrictEqual } from 'node:util';
import { readBlock, type Overrides } from '../config/target-config.ts';
import { formatProblems } from '../config/problem.ts';
import { messageOf } from '../errors.ts';
import type { Pm2Client } from '../pm2/client.ts';
import type { BusEvent } from '../pm2/bus-event.ts';
import type { ManagedProcess } from '../pm2/process.ts';
import type { Misconfigured, TargetView } from '../report/view.ts';
import { createProbe } from '../probe/registry.ts';
import { goneFrom, observationOf, type Observation } from './observation.ts';
import { SharedHold } from './shared-hold.ts';
import { StopFilter } from './stop-filter.ts';
import { Wait } from './wait.ts';
import type { WorkerPorts } from './worker-ports.ts';
import { Worker } from './worker.ts';

/** PM2's list is the truth and is asked this often; the bus only makes it prompt (DESIGN §5). */
const POLL_MS = 2_000;

/** Not asked more often than this, whatever the bus says: one app in a crash loop is no reason. */
const SPACING_MS = 100;

/** How soon the list is asked again when it was caught in the middle of something. */
const SOON_MS = 250;

/** What the monitor needs. */
export interface MonitorPorts extends Omit<WorkerPorts, 'heldUntil'> {
  readonly pm2: Pm2Client;
  readonly overrides: Overrides;
  /** Our own pm_id, never watched; null when PM2 does not run us. */
  readonly ownPmId: number | null;
  readonly tellMisconfigured: (app: Misconfigured) => void;
  /** An error of our own; the loop goes on. */
  readonly tellBug: (error: unknown) => void;
}

/** What is known of one watched pm_id. */
interface Watched {
  readonly worker: Worker;
  readonly source: string;
  observation: Observation;
}

/** Keeps one worker for every app that asks for it, as PM2's list says (DESIGN §2). */
export class Monitor {
  readonly #ports: MonitorPorts;
  readonly #watched = new Map<number, Watched>();
  readonly #misconfigured = new Map<
    number,
    { readonly app: Misconfigured; readonly source: string }
  >();
  readonly #stops = new StopFilter();
  readonly #wait = new Wait();
  /** Taken on in this listing, and started when all are known, so that none is told of before. */
  readonly #arriving: Worker[] = [];
  readonly #leaving = new Set<Promise<void>>();
  readonly #hold = new SharedHold(() => this.views().map(({ state }) => state));
  #isStopping = false;
  #loop: Promise<void> | null = null;
  #unsubscribe: () => void = () => undefined;

  constructor(ports: MonitorPorts) {
    this.#ports = ports;
    ports.guard.onChange((unfit) => {
      for (const { worker } of this.#watched.values()) worker.judgeFitness(unfit);
    });
  }

  start(): void {
    this.#unsubscribe = this.#ports.pm2.onEvent((event) => this.#hear(event));
    this.#ports.guard.start();
    this.#loop ??= this.#run();
  }

  /** Ends every worker; resolves when all are over. Idempotent. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#unsubscribe();
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
    // Not their sources, which hold whatever the user wrote, secrets too.
    return [...this.#misconfigured.values()].map(({ app }) => app);
  }

  /** The workers of an app: one per instance. */
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
    const { pm2, guard } = this.#ports;
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
      this.#reconcile(processes);
    } catch (error) {
      this.#ports.tellBug(error);
    }
  }

  #reconcile(processes: readonly ManagedProcess[]): void {
    const asking = new Map<number, ManagedProcess>();
    for (const process of processes) {
      const isOurs = process.pmId === this.#ports.ownPmId;
      if (!isOurs && process.block !== undefined) asking.set(process.pmId, process);
    }
    for (const pmId of this.#misconfigured.keys()) {
      if (!asking.has(pmId)) this.#misconfigured.delete(pmId);
    }
    for (const [pmId, { observation }] of this.#watched) {
      if (asking.get(pmId)?.name !== observation.name) this.#drop(pmId);
    }
    for (const process of asking.values()) {
      try {
        this.#follow(process);
      } catch (error) {
        // One app's surprise must not keep the others from being watched.
        this.#refuse(process, `${process.name}: ${messageOf(error)}`, sourceOf(process));
      }
    }
    for (const worker of this.#arriving.splice(0)) worker.start();
  }

  /** Takes an app on, or takes over what is new of it. */
  #follow(process: ManagedProcess): void {
    const { clock } = this.#ports;
    const { pmId } = process;
    const observation = this.#stops.pass(observationOf(process, clock), clock.now());
    const source = sourceOf(process);
    const watched = this.#watched.get(pmId);
    if (watched?.source === source) this.#misconfigured.delete(pmId);
    else if (this.#misconfigured.get(pmId)?.source !== source) {
      this.#configure(process, observation, source);
    }
    const followed = this.#watched.get(pmId);
    if (!followed) return;
    followed.observation = observation;
    followed.worker.observe(observation);
  }

  /** Reads the block; a bad one leaves the app on its last good block, or unwatched. */
  #configure(process: ManagedProcess, observation: Observation, source: string): void {
    const { pmId, name } = process;
    const read = readBlock(process.block, process.env, this.#ports.overrides);
    if (!read.ok) return this.#refuse(process, formatProblems(name, read.problems), source);
    this.#misconfigured.delete(pmId);
    const watched = this.#watched.get(pmId);
    if (watched) {
      this.#watched.set(pmId, { ...watched, source });
      if (!isDeepStrictEqual(watched.worker.view().config, read.config)) {
        watched.worker.configure(read.config);
      }
      return;
    }
    // What the schema cannot see (a CA that is no certificate) shows when the probe is made.
    createProbe(read.config.probe).stop();
    const ports = { ...this.#ports, heldUntil: () => this.#hold.until(), tell: this.#tell };
    const worker = new Worker(observation, read.config, ports);
    this.#watched.set(pmId, { worker, source, observation });
    this.#hold.forget();
    this.#arriving.push(worker);
  }

  /** Phases change with a decision only, and every decision is told. */
  readonly #tell: WorkerPorts['tell'] = (view, news) => {
    if (news.type === 'decision') this.#hold.forget();
    this.#ports.tell(view, news);
  };

  #refuse({ pmId, name }: ManagedProcess, message: string, source: string): void {
    const app = { name, pmId, message, isWatched: this.#watched.has(pmId) };
    const isKnown = this.#misconfigured.get(pmId)?.app.message === message;
    this.#misconfigured.set(pmId, { app, source });
    if (!isKnown) this.#ports.tellMisconfigured(app);
  }

  #drop(pmId: number): void {
    const watched = this.#watched.get(pmId);
    if (!watched) return;
    this.#watched.delete(pmId);
    this.#hold.forget();
    this.#stops.forget(pmId);
    watched.worker.observe(goneFrom(watched.observation));
    this.#leave(watched.worker);
  }

  #leave(worker: Worker): void {
    const left = worker.stop().finally(() => this.#leaving.delete(left));
    this.#leaving.add(left);
  }

  #hear({ event, manually, pmId }: BusEvent): void {
    if (!this.#watched.has(pmId) && event !== 'online') return;
    if (event === 'stop' && manually) this.#stops.believe(pmId);
    this.#wait.wake();
  }
}

/** What the settings of an app come from: `${NAME}` is taken from its environment, which can change with every start. */
function sourceOf({ startedAt, block }: ManagedProcess): string {
  return `${startedAt} ${JSON.stringify(block)}`;
}
