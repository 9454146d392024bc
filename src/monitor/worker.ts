import type { TargetConfig } from '../config/target-config.ts';
import type { Life } from '../os/os-reader.ts';
import type { Sample } from '../probe/probe.ts';
import type { TargetView } from '../report/view.ts';
import { unknownUptime } from '../verdict/uptime.ts';
import type { Decision, Event, IncarnationId } from '../verdict/event.ts';
import { paceOf } from '../verdict/pace.ts';
import type { State } from '../verdict/state.ts';
import { step } from '../verdict/step.ts';
import { Asker } from './asker.ts';
import { BrokenProbes } from './broken-probes.ts';
import { endOf, gatesFor, shownName, waitsForOf } from './gates.ts';
import type { Inspected, Inspector, Orphan } from './inspector.ts';
import type { Observation } from './observation.ts';
import { isWorthKeeping } from './keeper.ts';
import { orderOf, policyFor } from './order.ts';
import { stateFrom } from './recalled-state.ts';
import { intervalOf } from './rhythm.ts';
import { UptimeWatch } from './uptime-watch.ts';
import { viewOf } from './view-of.ts';
import type { WorkerPorts } from './worker-ports.ts';
import { Wait } from './wait.ts';

/** How long a restart in flight holds up the end of the monitor; below its `kill_timeout` (5 s). */
const ACTING_MS = 3_000;

/** One target's loop: fit? due? ask, judge, act; then wait (DESIGN §1). */
export class Worker {
  readonly #ports: WorkerPorts;
  #isStopping = false;
  readonly #wait = new Wait();
  #observation: Observation;
  #config: TargetConfig;
  #state: State;
  readonly #asker: Asker;
  readonly #inspector: Inspector;
  /** The lives of the left-over that was proven last. */
  #orphan: readonly Life[] = [];
  readonly #uptime: UptimeWatch;
  readonly #broken = new BrokenProbes();
  #last: Sample | null = null;
  #restartsTotal = 0;
  #acting: Promise<void> | null = null;
  #loop: Promise<void> | null = null;

  constructor(observation: Observation, config: TargetConfig, ports: WorkerPorts) {
    this.#ports = ports;
    this.#asker = new Asker(ports.clock, ports.pulseOf, () => ports.runAs(this.#observation));
    this.#inspector = ports.createInspector();
    this.#observation = observation;
    this.#config = config;
    const recalled = ports.recall(observation.name, observation.instance);
    const seed = Math.floor(ports.random() * 0x1_0000_0000);
    const at = ports.clock.now();
    this.#uptime = new UptimeWatch(recalled?.uptime ?? unknownUptime(at));
    this.#state = stateFrom(recalled, at, seed, config.policy);
  }

  /** Begins to ask after `inMs`, or as soon as PM2 tells something new of the app. */
  start(inMs = 0): void {
    this.observe(this.#observation);
    this.#loop ??= this.#run(inMs);
  }

  /** Ends the loop and the probe in flight; resolves when both are over, and as a rule a restart in flight too. Idempotent. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#asker.stop();
    this.#wait.wake();
    await this.#loop;
    await Promise.race([this.#acting, this.#ports.clock.sleep(ACTING_MS)]);
  }

  /** Takes over what PM2 says of the app now. */
  observe(observation: Observation): void {
    this.#observation = observation;
    const { status, incarnation, ageMs } = observation;
    this.#apply({ type: 'process', at: this.#now(), status, incarnation, ageMs });
  }

  /** Changed settings hold from the next probe on; what is known of the app is kept. */
  configure(config: TargetConfig): void {
    this.#config = config;
    this.#asker.renew();
    this.#wait.wake();
  }

  /** A healthy app is asked now, and not only when its period is over. */
  askSoon(): void {
    if (this.#state.phase.name === 'healthy') this.#wait.wake();
  }

  /** The checker became fit or unfit. */
  judgeFitness(unfit: string | null): void {
    // Asked twice a probe: that all is well is news only to a verdict that waits for it.
    if (unfit === null && this.#state.phase.name !== 'unknown') return;
    this.#apply({ type: 'fitness', at: this.#now(), unfit });
  }

  pause(untilMs: number): void {
    this.#apply({ type: 'pause', at: this.#now(), until: this.#now() + untilMs });
  }

  resume(): void {
    this.#apply({ type: 'resume', at: this.#now() });
  }

  reset(): void {
    this.#apply({ type: 'reset', at: this.#now() });
  }

  /** Asks once outside the rhythm; the answer is shown, not judged. */
  probeOnce(): Promise<Sample> {
    return this.#inspector.once(this.#observation, this.#config, (only) =>
      this.#asker.once(this.#config, this.#state.process.incarnation, only),
    );
  }

  get state(): State {
    return this.#state;
  }

  view(): TargetView {
    return viewOf(this.#observation, {
      config: this.#config,
      state: this.#state,
      last: this.#last,
      restartsTotal: this.#restartsTotal,
      portNote: this.#inspector.portNote,
      uptime: this.#uptime.uptime,
      ...waitsForOf(this.#state, this.#ports, this.#now()),
    });
  }

  async #run(inMs: number): Promise<void> {
    if (inMs > 0) await this.#wait.sleep(inMs, this.#ports.clock);
    while (!this.#isStopping) {
      const beganAt = this.#now();
      try {
        await this.#round();
      } catch (error) {
        // A bug costs this round, not the watch over the app.
        this.#ports.tell(this.view(), { type: 'bug', error });
      }
      if (this.#isStopping) return;
      const intervalMs = intervalOf(this.#config.schedule, this.#state, this.#ports.random());
      await this.#wait.sleep(beganAt + intervalMs - this.#now(), this.#ports.clock);
    }
  }

  /** Fit? Is time alone news? Is it to be asked? */
  async #round(): Promise<void> {
    this.judgeFitness(this.#ports.guard.check());
    this.#apply({ type: 'tick', at: this.#now(), ...gatesFor(this.#state, this.#ports) });
    const { phase, process } = this.#state;
    if (paceOf(this.#state) !== 'idle') return this.#sample();
    if (phase.name === 'paused' && phase.cause === 'debugger') return this.#lookForDebugger();
    if (process.status === 'errored') return this.#lookForOrphan();
  }

  /** Asks the life that is online now, and judges the answer if it still is. */
  async #sample(): Promise<void> {
    const { incarnation } = this.#state.process;
    if (incarnation === null) return;
    let seen: Inspected | null = null;
    // Anew where somebody else answered; should he do so again, nothing was learned of the app.
    for (let asked = 0; asked < 2 && seen?.isElsewhere !== false; asked += 1) {
      const answer = await this.#asker.ask(this.#config, incarnation, this.#inspector.only);
      if (this.#isOver(incarnation)) return;
      seen = await this.#inspector.inspect(this.#observation, this.#config, answer);
      if (this.#isOver(incarnation)) return;
    }
    this.judgeFitness(this.#ports.guard.check());
    if (seen === null) return;
    const { sample, load } = seen;
    this.#last = sample;
    this.#ports.tell(this.view(), { type: 'sample', sample });
    if (this.#broken.isToBeTold(sample))
      this.#ports.tell(this.view(), { type: 'brokenProbes', detail: sample.detail });
    if (seen.debugger !== null)
      return this.#apply({ type: 'debugger', at: this.#now(), by: seen.debugger });
    if (seen.orphan !== null) return this.#judgeOrphan(seen.orphan);
    const gates = gatesFor(this.#state, this.#ports);
    this.#apply({ type: 'sample', at: this.#now(), incarnation, sample, load, ...gates });
  }

  #isOver(incarnation: IncarnationId | null): boolean {
    return this.#isStopping || incarnation !== this.#state.process.incarnation;
  }

  async #lookForDebugger(): Promise<void> {
    const { incarnation } = this.#state.process;
    const by = await this.#inspector.debuggerOf(this.#observation, this.#config);
    if (this.#isOver(incarnation)) return;
    this.#apply({ type: 'debugger', at: this.#now(), by });
  }

  /** PM2 gave the app up: because a left-over of it holds its port? */
  async #lookForOrphan(): Promise<void> {
    const orphan = await this.#inspector.lookForOrphan(this.#observation, this.#config);
    if (orphan !== null && !this.#isStopping) this.#judgeOrphan(orphan);
  }

  #judgeOrphan({ failure, lives }: Orphan): void {
    this.#orphan = lives;
    const gates = gatesFor(this.#state, this.#ports);
    this.#apply({ type: 'orphan', at: this.#now(), failure, ...gates });
  }

  /** One step of the state machine, and what follows from it. */
  #apply(event: Event): void {
    const before = this.#state;
    const { state, decisions } = step(before, event, policyFor(this.#config, this.#observation));
    this.#state = state;
    this.#uptime.follow(state, event.type === 'sample' ? event.sample : null);
    for (const decision of decisions) this.#uptime.note(decision, state.at);
    if (state.process.incarnation !== before.process.incarnation) this.#asker.abort();
    const isFromOutside = event.type !== 'sample' && event.type !== 'tick';
    if (isWorthKeeping(before, state)) this.#ports.remember(this.view());
    if (this.#loop !== null && isFromOutside && paceOf(state) !== paceOf(before)) this.#wait.wake();
    for (const decision of decisions) {
      this.#ports.tell(this.view(), { type: 'decision', decision });
      if (decision.type === 'restart') this.#acting = this.#restart(decision);
    }
  }

  async #restart(decision: Extract<Decision, { type: 'restart' }>): Promise<void> {
    const order = orderOf(this.#observation, decision, this.#orphan);
    const { slot, perform } = this.#ports;
    const flight = slot.take(shownName(this.#observation), this.#now());
    // Counted as the budget is: when it is issued, so that no new life is seen before its restart.
    this.#restartsTotal += 1;
    const performed = await endOf(perform(order)).finally(() => slot.release(flight));
    const { result, detail } = performed;
    if (result === 'skipped' || result === 'cleared' || result === 'stuck') {
      this.#restartsTotal -= 1;
      this.#uptime.takeRestartBack();
    }
    const isRepeated = result === 'skipped' && this.#state.skipped?.why === detail;
    this.#ports.tell(this.view(), { type: 'performed', order, performed, isRepeated });
    this.#apply({ type: 'acted', at: this.#now(), result, detail });
  }

  #now(): number {
    return this.#ports.clock.now();
  }
}
