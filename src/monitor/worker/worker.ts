import type { TargetConfig } from '../../config/target-config.ts';
import type { Sample } from '../../probe/probe.ts';
import type { TargetView } from '../../report/view.ts';
import { unknownUptime } from '../../uptime/figures.ts';
import { isUnfit } from '../../verdict/state.ts';
import type { Decision } from '../../verdict/decision.ts';
import type { Event } from '../../verdict/event.ts';
import { paceOf, ProbeInterval } from './probe-interval.ts';
import type { Verdict } from '../../verdict/verdict.ts';
import { step } from '../../verdict/step.ts';
import { gatesFor, issueInSlot, waitsForOf } from './restart-gates.ts';
import { BlockJudge } from '../../diagnosis/block/block-judge.ts';
import { Examiner } from './examiner.ts';
import { FitnessWatch } from './fitness-watch.ts';
import type { Orphan } from '../../diagnosis/diagnose.ts';
import { Loop } from './loop.ts';
import { processEventOf, type Observation } from '../../target/observation.ts';
import { isWorthKeeping, type OperatorCommand } from '../../history/state-recorder.ts';
import { orderOf, policyFor } from './order.ts';
import { restoreState, type RestoredState } from '../../history/restored-state.ts';
import { UptimeTracker } from '../../uptime/tracker.ts';
import { viewOf } from './view-of.ts';
import type { WorkerDeps } from './worker-deps.ts';

/** How long the monitor's stop waits for a restart in flight; less than its `kill_timeout` (5 s). */
const ACTING_MS = 3_000;

/** The loop of one target: fit? due? probe, judge, act; then wait (DESIGN §1). */
export class Worker {
  readonly #deps: WorkerDeps;
  #isStopping = false;
  readonly #loop: Loop;
  #observation: Observation;
  #config: TargetConfig;
  #verdict: Verdict;
  readonly #examiner: Examiner;
  readonly #fitness: FitnessWatch;
  readonly #interval: ProbeInterval;
  readonly #uptime: UptimeTracker;
  #last: Sample | null = null;
  #restartsTotal = 0;
  #acting: Promise<void> | null = null;

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
    const block = new BlockJudge(restored, config);
    this.#examiner = new Examiner(deps, () => this.#observation, this, block);
    this.#interval = new ProbeInterval(deps.random, this.#examiner.judging);
    const at = this.#now();
    this.#uptime = new UptimeTracker(restored?.uptime ?? unknownUptime(at));
    this.#verdict = restoreState(restored, at, Math.floor(deps.random() * 2 ** 32), config.policy);
  }

  /** Begins to probe after `inMs`, or sooner where PM2 reports something new about the app. */
  start(inMs = 0): void {
    this.observe(this.#observation);
    this.#loop.start(inMs);
  }

  /** Stops the loop and the probe in flight, and waits up to 3 s for a restart in flight. Idempotent. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#examiner.session.stop();
    await this.#loop.stop();
    await Promise.race([this.#acting, this.#deps.clock.sleep(ACTING_MS)]);
  }

  /** Takes over what PM2 says of the app now. */
  observe(observation: Observation): void {
    this.#observation = observation;
    this.#apply(processEventOf(observation, this.#now()));
    this.learnFitness();
  }

  /** Takes over changed settings, from the next probe on. What is known about the app is kept. */
  configure(config: TargetConfig): void {
    this.#config = config;
    this.#examiner.session.renew();
    this.#loop.wake();
  }

  /** Probes a healthy app (with `isHeard`, any that is probed) now, not at the end of its period. */
  askSoon(isHeard = false): void {
    const isHealthy = this.#verdict.state.name === 'healthy';
    if (isHeard ? paceOf(this.#verdict) !== 'idle' : isHealthy) this.#loop.wake();
  }

  /** Takes over changes in the monitor's fitness with every list: its own next turn may be hours away. */
  learnFitness(): void {
    for (const news of this.#fitness.look(this.#now())) this.#apply(news);
    if (isUnfit(this.#verdict.state)) this.#tick();
  }

  /** Carries out the operator's command; a pause lasts `ms`. */
  command(command: OperatorCommand, ms = Number.POSITIVE_INFINITY): void {
    const at = this.#now();
    this.#apply(
      command === 'pause' ? { type: command, at, until: at + ms } : { type: command, at },
    );
  }

  /** Takes over what was remembered about the app and read late, merged with what is known here. */
  restore({ uptime, ...restored }: RestoredState): void {
    if (uptime !== null) this.#uptime.restore(uptime);
    this.#examiner.block.restore(restored);
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
    return viewOf(this.#observation, {
      config: this.#config,
      verdict: this.#verdict,
      last: this.#last,
      restartsTotal: this.#restartsTotal,
      uptime: this.#uptime.uptime,
      ...waitsForOf(this.#verdict, this.#deps, this.#now()),
      ...this.#examiner.known,
    });
  }

  /** Runs a round; a bug costs this round, not the watch of the app. */
  async #attempt(): Promise<void> {
    try {
      this.learnFitness();
      if (this.#interval.begins(this.#verdict)) await this.#round();
    } catch (error) {
      this.#deps.emit({ type: 'bug', error });
    }
  }

  /** Lets time alone change the verdict, then probes where the state calls for it. */
  async #round(): Promise<void> {
    this.#tick();
    const { state, process } = this.#verdict;
    if (paceOf(this.#verdict) !== 'idle') return this.#sample();
    if (state.name === 'paused' && state.cause === 'debugger') return this.#lookForDebugger();
    if (process.status === 'errored') return this.#lookForOrphan();
  }

  #tick(): void {
    this.#apply({ type: 'tick', at: this.#now(), ...gatesFor(this.#verdict, this.#deps) });
  }

  /** Probes the incarnation that is online now, and judges the answer if it is still online then. */
  async #sample(): Promise<void> {
    const { incarnation } = this.#verdict.process;
    if (incarnation === null) return;
    const isOver = (): boolean => this.#isOver(incarnation);
    const seen = await this.#examiner.examine(this.#config, incarnation, isOver, this.#isDropped);
    if (seen === null) return;
    if (this.#isDropped(seen.sample)) return this.#show(seen.sample);
    const { sample, isToEnd, isNews, evidence } = this.#examiner.judge(seen, this.#config);
    if (isNews) this.#deps.emit({ type: 'memory', view: this.view() });
    this.#show(sample);
    if (seen.debugger !== null)
      return this.#apply({ type: 'debugger', at: this.#now(), by: seen.debugger });
    if (seen.orphan !== null && isToEnd) return this.#judgeOrphan(seen.orphan);
    const judged = { sample, ...evidence, ...gatesFor(this.#verdict, this.#deps) };
    this.#apply({ type: 'sample', at: this.#now(), incarnation, ...judged });
  }

  #isOver(incarnation: Verdict['process']['incarnation']): boolean {
    return this.#isStopping || incarnation !== this.#verdict.process.incarnation;
  }

  #show(sample: Sample): void {
    this.#last = sample;
    this.#deps.emit({ type: 'sample', view: this.view(), sample });
    if (this.#examiner.broken.isToBeTold(sample))
      this.#deps.emit({ type: 'brokenProbes', view: this.view(), detail: sample.detail });
  }

  /** True while the monitor is unfit or settles: the target is probed but not judged. */
  readonly #isDropped = (answer: Sample): boolean => {
    this.learnFitness();
    return isUnfit(this.#verdict.state) || !this.#fitness.isSound(answer);
  };

  async #lookForDebugger(): Promise<void> {
    const { incarnation } = this.#verdict.process;
    const by = await this.#examiner.diagnoser.findDebugger(this.#observation, this.#config);
    if (!this.#isOver(incarnation)) this.#apply({ type: 'debugger', at: this.#now(), by });
  }

  /** Searches for an orphan on the port of an app that PM2 gave up. */
  async #lookForOrphan(): Promise<void> {
    const orphan = await this.#examiner.lookForOrphan(this.#config);
    if (orphan !== null && !this.#isStopping) this.#judgeOrphan(orphan);
  }

  #judgeOrphan({ failure }: Orphan): void {
    const gates = gatesFor(this.#verdict, this.#deps);
    this.#apply({ type: 'orphan', at: this.#now(), failure, ...gates });
  }

  /** One step of the state machine, and what follows from it. */
  #apply(event: Event): void {
    const before = this.#verdict;
    const { verdict, decisions } = step(before, event, policyFor(this.#config, this.#observation));
    this.#verdict = verdict;
    this.#uptime.onState(verdict, event.type === 'sample' ? event.sample : null);
    for (const decision of decisions) this.#uptime.onDecision(decision, verdict.at);
    if (verdict.process.incarnation !== before.process.incarnation) this.#examiner.session.abort();
    const isOwn = event.type === 'sample' || event.type === 'tick' || event.type === 'fitness';
    if (isWorthKeeping(before, verdict)) this.#deps.emit({ type: 'memory', view: this.view() });
    if (this.#loop.isRunning && !isOwn && paceOf(verdict) !== paceOf(before)) this.#loop.wake();
    for (const decision of decisions) {
      this.#deps.emit({ type: 'decision', view: this.view(), decision });
      if (decision.type === 'restart') this.#acting = this.#restart(decision);
    }
  }

  async #restart(decision: Extract<Decision, { type: 'restart' }>): Promise<void> {
    const order = orderOf(this.#observation, decision, this.#examiner.orphans.next);
    // Counted when it is issued, as in the budget, so that no new incarnation is seen before its restart.
    this.#restartsTotal += 1;
    const execution = await issueInSlot(order, this.#observation, this.#now(), this.#deps);
    const { result, detail } = execution;
    if (result === 'skipped' || result === 'cleared' || result === 'stuck') {
      this.#restartsTotal -= 1;
      this.#uptime.refundRestart();
    }
    const isKnown = this.#verdict.skipped?.reason === detail;
    const isRepeated = isKnown && (result === 'skipped' || result === 'stuck');
    this.#deps.emit({ type: 'executed', view: this.view(), order, execution, isRepeated });
    this.#apply({ type: 'acted', at: this.#now(), result, detail });
  }

  #now(): number {
    return this.#deps.clock.now();
  }
}
