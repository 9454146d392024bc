import type { TargetConfig } from '../../config/target-config.ts';
import type { Sample } from '../../probe/probe.ts';
import type { TargetView } from '../../report/view.ts';
import { unknownUptime } from '../../uptime/figures.ts';
import { isUnfit } from '../../verdict/state.ts';
import type { Event } from '../../verdict/event.ts';
import { isDueSooner, paceOf, ProbeInterval } from './probe-interval.ts';
import type { Verdict } from '../../verdict/verdict.ts';
import { isAtRest } from '../../verdict/on-tick.ts';
import type { IncarnationId } from '../../verdict/process.ts';
import type { Transition } from '../../verdict/transition.ts';
import { Restarts, waitsForOf } from './restarts.ts';
import { Examiner, type Relevance } from './examiner.ts';
import { dependencyNews } from './dependency-news.ts';
import { FilesWatch } from './files-watch.ts';
import { FitnessWatch } from './fitness-watch.ts';
import type { Diagnosis } from '../../diagnosis/diagnose.ts';
import { Loop } from './loop.ts';
import { processEventOf, type Observation } from '../../target/observation.ts';
import {
  commandEvent,
  isWorthKeeping,
  type OperatorCommand,
} from '../../history/state-recorder.ts';
import { restoreState, type RestoredState } from '../../history/restored-state.ts';
import { UptimeTracker } from '../../uptime/tracker.ts';
import { viewOf } from './view-of.ts';
import type { WorkerDeps } from './worker-deps.ts';

/** The loop of one target: fit? due? probe, judge, act; then wait (DESIGN §1). */
export class Worker {
  readonly #deps: WorkerDeps;
  readonly #loop: Loop;
  #observation: Observation;
  #config: TargetConfig;
  #verdict: Verdict;
  readonly #examiner: Examiner;
  readonly #fitness: FitnessWatch;
  readonly #interval: ProbeInterval;
  readonly #uptime: UptimeTracker;
  #last: Sample | null = null;
  readonly restarts: Restarts;
  readonly #files: FilesWatch;

  constructor(observation: Observation, config: TargetConfig, deps: WorkerDeps) {
    this.#deps = deps;
    this.#loop = new Loop(deps, {
      run: () => this.#attempt(),
      intervalMs: () => this.#interval.intervalMs(this.#config.schedule, this.#verdict),
    });
    this.#fitness = new FitnessWatch(deps.selfCheck);
    this.#observation = observation;
    this.#config = config;
    const restored = deps.restore(observation.name, observation.instance);
    this.#examiner = new Examiner(deps, () => this.#observation, this, { restored, config });
    this.#interval = new ProbeInterval(deps.random, this.#examiner.judging);
    this.#uptime = new UptimeTracker(restored?.uptime ?? unknownUptime(this.#now()));
    this.restarts = new Restarts(deps, this.#uptime, this, (event) => this.#apply(event), restored);
    const take = (event: Event, next: Transition): void => this.#take(event, next);
    const now = { app: () => this.#observation, config: () => this.#config };
    this.#files = new FilesWatch(deps, this, now, take);
    this.#verdict = restoreState(restored, this.#now(), deps.random, config.policy);
  }

  /** Begins to probe after `inMs`, or sooner where PM2 reports something new about the app. */
  start(inMs = 0): void {
    this.observe(this.#observation);
    this.#loop.start(inMs);
    void this.#files.checkCertFile();
  }

  /** Stops the loop and the probe in flight, and waits up to 3 s for a restart in flight. Idempotent. */
  async stop(): Promise<void> {
    this.#examiner.session.stop();
    await Promise.all([this.#loop.stop(), this.#files.stop()]);
    await this.restarts.settle();
  }

  /** Takes over what PM2 says of the app now. */
  observe(observation: Observation): void {
    this.#observation = observation;
    if (observation.status === 'errored') this.learnDependencies(this.#now());
    this.#apply(processEventOf(observation, this.#now()));
    this.restarts.see(observation);
    this.learnFitness();
  }

  /** Takes over changed settings, from the next probe on. What is known about the app is kept. */
  configure(config: TargetConfig): void {
    this.#config = config;
    this.#examiner.session.renew();
    this.#loop.wake();
    void this.#files.checkCertFile();
  }

  /** Probes a healthy app (with `isHeard`, any that is probed) now, not at the end of its period. */
  askSoon(isHeard = false): void {
    const isHealthy = this.#verdict.state.name === 'healthy';
    if (isHeard ? paceOf(this.#verdict) !== 'idle' : isHealthy) this.#loop.wake();
  }

  /** Takes over how the app's dependencies are; `badAt` is when a sign of failure came that is to be judged next. */
  learnDependencies(badAt: number | null = null): void {
    const all = this.#deps.dependencies;
    const hold = dependencyNews(this.#observation, this.#config, this.#verdict, badAt, all);
    if (hold !== undefined) this.#apply({ type: 'dependency', at: this.#now(), hold });
  }

  /** When the last probe of it began; monotonic. */
  get askedAt(): number {
    return this.#last?.at ?? Number.NEGATIVE_INFINITY;
  }

  /** Takes over changes in the monitor's fitness with every list: its own next turn may be hours away. */
  learnFitness(): void {
    for (const news of this.#fitness.look(this.#now())) this.#apply(news);
    if (isUnfit(this.#verdict.state)) this.#files.tick();
  }

  /** Carries out the operator's command; a pause lasts `ms`. */
  command(command: OperatorCommand, ms = Number.POSITIVE_INFINITY): void {
    this.#apply(commandEvent(command, this.#now(), ms));
  }

  /** Takes over what was remembered about the app and read late, merged with what is known here. */
  restore({ uptime, pm2Restarts, ...restored }: RestoredState): void {
    this.restarts.restore(pm2Restarts);
    if (uptime !== null) this.#uptime.restore(uptime);
    this.#examiner.restore(restored);
    this.#apply({ type: 'restore', at: this.#now(), ...restored });
  }

  /** Probes once outside the interval. The answer is shown, not judged. */
  probeOnce(): Promise<Sample> {
    return this.#examiner.once(this.#observation, this.#config, this.#verdict.process.incarnation);
  }

  get verdict(): Verdict {
    return this.#verdict;
  }

  view(): TargetView {
    const known = {
      config: this.#config,
      verdict: this.#verdict,
      last: this.#last,
      restarts: this.restarts,
      dependencies: this.#deps.dependencies,
      uptime: this.#uptime.uptime,
      releaseNote: this.#files.releaseNote,
      waitsFor: waitsForOf(this.#verdict, this.#deps, this.#now()),
    };
    return viewOf(this.#observation, known, this.#examiner.known);
  }

  /** Runs a round; a bug costs this round, not the watch of the app. */
  async #attempt(): Promise<void> {
    try {
      this.learnFitness();
      this.learnDependencies();
      if (!this.#interval.begins(this.#verdict)) return;
      if (!isAtRest(this.#verdict)) await this.#files.judgeTick();
      await this.#round();
    } catch (error) {
      this.#deps.emit({ type: 'bug', error });
    }
  }

  /** Probes where the state calls for it. */
  #round(): Promise<void> | undefined {
    const { state, process } = this.#verdict;
    if (paceOf(this.#verdict) !== 'idle') return this.#sample();
    if (state.name === 'paused' && state.cause === 'debugger') return this.#lookForDebugger();
    return process.status === 'errored' ? this.#lookForOrphan() : undefined;
  }

  /** Probes the incarnation that is online now, and judges the answer if it is still online then. */
  async #sample(): Promise<void> {
    const { incarnation } = this.#verdict.process;
    if (incarnation === null) return;
    const seen = await this.#examiner.examine(this.#config, incarnation, this.#relevance);
    if (seen === null) return;
    if ('dropped' in seen) this.#show(seen.dropped);
    else return this.#judge(seen, incarnation);
  }

  #judge(seen: Diagnosis, incarnation: IncarnationId): Promise<void> | void {
    const { sample, isToEnd, news } = this.#examiner.judge(seen, this.#config);
    for (const type of news) this.#deps.emit({ type, view: this.view() });
    this.#show(sample);
    this.learnDependencies(sample.kind === 'fail' ? sample.at : null);
    if (seen.debugger !== null)
      return this.#apply({ type: 'debugger', at: this.#now(), by: seen.debugger });
    if (seen.orphan !== null && isToEnd) return this.#files.judgeOrphan(seen.orphan.failure);
    return this.#files.judgeSample(incarnation, sample, seen);
  }

  #show(sample: Sample): void {
    this.#last = sample;
    this.#deps.emit({ type: 'sample', target: this, sample });
    if (this.#examiner.broken.isToBeTold(sample))
      this.#deps.emit({ type: 'brokenProbes', view: this.view(), detail: sample.detail });
  }

  /** An answer is dropped while the monitor is unfit or settles: the target is probed but not judged. */
  readonly #relevance: Relevance = {
    isOver: (asked) => this.#loop.isStopping || asked !== this.#verdict.process.incarnation,
    isDropped: (answer) => {
      this.learnFitness();
      return isUnfit(this.#verdict.state) || !this.#fitness.isSound(answer);
    },
  };

  async #lookForDebugger(): Promise<void> {
    const { incarnation } = this.#verdict.process;
    const by = await this.#examiner.diagnoser.findDebugger(this.#observation, this.#config);
    if (!this.#relevance.isOver(incarnation))
      this.#apply({ type: 'debugger', at: this.#now(), by });
  }

  async #lookForOrphan(): Promise<void> {
    const orphan = await this.#examiner.lookForOrphan(this.#config);
    if (orphan !== null) await this.#files.judgeOrphan(orphan.failure);
  }

  /** One step of the state machine, and what follows from it. */
  #apply(event: Event): void {
    this.#take(event, this.#files.step(event));
  }

  #take(event: Event, { verdict, decisions }: Transition): void {
    const before = this.#verdict;
    this.#verdict = verdict;
    this.#files.follow(before.state);
    this.restarts.follow(verdict);
    this.#uptime.follow(verdict, decisions, event.type === 'sample' ? event.sample : null);
    if (verdict.process.incarnation !== before.process.incarnation) this.#examiner.session.abort();
    if (isWorthKeeping(before, verdict)) this.#deps.emit({ type: 'memory', view: this.view() });
    if (this.#loop.isRunning && isDueSooner(before, verdict, event)) this.#loop.wake();
    for (const decision of decisions) {
      this.#deps.emit({ type: 'decision', view: this.view(), decision });
      if (decision.type === 'restart')
        this.restarts.issue(decision, this.#observation, this.#examiner.found);
    }
  }

  #now(): number {
    return this.#deps.clock.now();
  }
}
