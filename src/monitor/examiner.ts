import type { TargetConfig } from '../config/target-config.ts';
import type { Sample } from '../probe/probe.ts';
import { harmless } from '../report/harmless.ts';
import type { IncarnationId } from '../verdict/event.ts';
import { Asker } from './asker.ts';
import { BrokenProbes } from './broken-probes.ts';
import { shownName } from './gates.ts';
import { plainly, type Inspected, type Inspector } from './inspector.ts';
import { JudgingTime } from './judging-time.ts';
import type { Observation } from './observation.ts';
import type { WorkerPorts } from './worker-ports.ts';

/** Asks one target, and has what looks behind its answers. */
export class Examiner {
  readonly asker: Asker;
  readonly inspector: Inspector;
  /** What judging its answers takes. */
  readonly judging: JudgingTime;
  readonly broken = new BrokenProbes();
  readonly #app: () => Observation;

  /** `app` is what PM2 says of the target now. */
  constructor(ports: WorkerPorts, app: () => Observation) {
    const { clock, guard, pulseOf, runAs } = ports;
    this.#app = app;
    this.inspector = ports.createInspector();
    this.judging = new JudgingTime(() => harmless(shownName(app())), guard);
    const noteJudging = (ms: number): void => this.judging.note(ms);
    this.asker = new Asker(clock, pulseOf, () => runAs(app()), noteJudging);
  }

  /**
   * Asks the life `incarnation` and looks behind its answer, unless that is dropped, which is to be
   * shown all the same; null where nobody wants to know any more. Anew where somebody else answered;
   * should he do so again, nothing was learned of the app.
   */
  async examine(
    config: TargetConfig,
    incarnation: IncarnationId,
    isOver: () => boolean,
    isDropped: (answer: Sample) => boolean,
  ): Promise<Inspected | null> {
    let seen: Inspected | null = null;
    for (let asked = 0; asked < 2 && seen?.isElsewhere !== false; asked += 1) {
      const { only } = this.inspector;
      // An answer that took us too long to judge says nothing of the app.
      const answer = this.judging.counted(await this.asker.ask(config, incarnation, only));
      if (isOver()) return null;
      if (isDropped(answer)) return plainly(answer);
      seen = await this.inspector.inspect(this.#app(), config, answer);
      if (isOver()) return null;
    }
    return seen;
  }

  /** Asks beside the rhythm, and remembers nothing of it. */
  once(app: Observation, config: TargetConfig, incarnation: IncarnationId | null): Promise<Sample> {
    return this.inspector.once(app, config, (only) => this.asker.once(config, incarnation, only));
  }
}
