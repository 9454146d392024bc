import type { TargetConfig } from '../../config/target-config.ts';
import type { AppFiles } from '../../diagnosis/app-files.ts';
import { certFileTrouble } from '../../diagnosis/certificate-file.ts';
import type { Diagnosis } from '../../diagnosis/diagnose.ts';
import type { Sample } from '../../probe/probe.ts';
import type { TargetView } from '../../report/view.ts';
import type { Observation } from '../../target/observation.ts';
import type { Decision } from '../../verdict/decision.ts';
import type { Event, RestartEvidence } from '../../verdict/event.ts';
import { failureOf } from '../../verdict/incident/open-and-end.ts';
import type { IncarnationId } from '../../verdict/process.ts';
import type { State } from '../../verdict/state.ts';
import { step } from '../../verdict/step.ts';
import type { Failure } from '../../verdict/streak.ts';
import type { Transition } from '../../verdict/transition.ts';
import type { Verdict } from '../../verdict/verdict.ts';
import { ChangeLoop } from './change-loop.ts';
import { DeployLook } from './deploy-look.ts';
import { policyFor } from './order.ts';
import { gatesFor, NO_GATES, type Gates } from './restarts.ts';
import { sampleEvent } from './sample-event.ts';
import type { WorkerDeps } from './worker-deps.ts';

/** What can lead to a restart. */
type Judged = Extract<Event, RestartEvidence>;

type FilesWatchDeps = Pick<
  WorkerDeps,
  'clock' | 'emit' | 'files' | 'createAppFiles' | 'slot' | 'heldUntil'
>;

/** The target whose files are watched. */
interface Known {
  readonly verdict: Verdict;
  view(): TargetView;
}

/**
 * Takes the steps of one target's state machine, and follows the app's files: before a restart, and while the
 * app is given up (DESIGN §11).
 */
export class FilesWatch {
  readonly #deps: FilesWatchDeps;
  readonly #files: AppFiles;
  readonly #deploy: DeployLook;
  readonly #app: () => Observation;
  readonly #config: () => TargetConfig;
  readonly #known: Known;
  readonly #take: (event: Event, next: Transition) => void;
  readonly #changes: ChangeLoop;
  /** What was last reported of its `certFile`. */
  #certFile: string | null = null;
  #isStopped = false;

  /**
   * `known` has the verdict on the target, `app` and `config` give what PM2 says of it and its settings now;
   * `take` has the worker take a step over.
   */
  constructor(
    deps: FilesWatchDeps,
    known: Known,
    { app, config }: { readonly app: () => Observation; readonly config: () => TargetConfig },
    take: (event: Event, next: Transition) => void,
  ) {
    this.#deps = deps;
    this.#files = deps.createAppFiles();
    this.#deploy = new DeployLook(deps.clock, this.#files);
    this.#app = app;
    this.#config = config;
    this.#known = known;
    this.#take = take;
    this.#changes = new ChangeLoop(deps.clock, (isFirst) => this.#lookForChange(isFirst));
  }

  /** That the app still runs an earlier release, for a person; null where nothing is known of one. */
  get releaseNote(): string | null {
    return this.#files.releaseNoteOf(this.#app());
  }

  /** Reports a `certFile` that cannot be read: it is needed only when the certificate has expired. */
  async checkCertFile(): Promise<void> {
    const trouble = await certFileTrouble(this.#config(), this.#deps.files);
    const reason = trouble && `${trouble.reason}: ${trouble.fix}`;
    if (this.#isStopped || reason === this.#certFile) return;
    this.#certFile = reason;
    if (reason !== null) this.#deps.emit({ type: 'certFile', view: this.#known.view(), reason });
  }

  /** What an event makes of the verdict, without a look at the files. */
  step(event: Event): Transition {
    return step(this.#known.verdict, event, policyFor(this.#config(), this.#app()));
  }

  /** Lets time alone change the verdict, without a look at the files. */
  tick(): void {
    this.#apply({ type: 'tick', ...this.#now(), ...this.#gates() });
  }

  /** Lets time alone change the verdict. */
  judgeTick(): Promise<void> | undefined {
    return this.#judge({ type: 'tick', ...this.#now(), ...this.#gates() });
  }

  /** Judges an answer of an incarnation, with what the system showed beside it. */
  judgeSample(
    incarnation: IncarnationId,
    sample: Sample,
    seen: Pick<Diagnosis, 'load' | 'ownStart'>,
  ): Promise<void> | undefined {
    const now = this.#deps.clock.now();
    const isGood = sample.kind === 'ok';
    if (isGood) this.#files.noteWell(this.#app(), now);
    const gates = isGood ? NO_GATES : this.#gates(sample);
    return this.#judge(sampleEvent(now, incarnation, sample, seen, gates));
  }

  /** Judges that an orphan of the app holds its port. */
  judgeOrphan(failure: Failure): Promise<void> | undefined {
    return this.#judge({ type: 'orphan', failure, ...this.#now(), ...this.#gates() });
  }

  /** The verdict has entered another state: files are watched only while the app is given up. */
  follow(before: State): void {
    const { state } = this.#known.verdict;
    if (state === before) return;
    const { name } = state.name === 'unknown' ? state.resume : state;
    this.#changes.follow(name === 'open' && this.#config().policy.action !== 'observe');
    if (name === 'healthy' || name === 'paused') this.#files.forgetChanges();
  }

  /** Resolves when the look under way is over. Idempotent. */
  stop(): Promise<void> {
    this.#isStopped = true;
    return this.#changes.stop();
  }

  /** Applies what may lead to a restart; only before one it looks, and waits for what it sees. */
  #judge(event: Judged): Promise<void> | undefined {
    if (this.#isStopped) return undefined;
    if (this.#deploy.isDue(this.#known.verdict, this.#config())) return this.#judgeWithLook(event);
    const next = this.step(event);
    if (next.decisions.some(isRestart)) return this.#judgeWithLook(event);
    this.#take(event, next);
    return undefined;
  }

  async #judgeWithLook(event: Judged): Promise<void> {
    const { incarnation } = this.#known.verdict.process;
    const deploy = await this.#deploy.evidence(this.#app(), this.#known);
    if (incarnation !== this.#known.verdict.process.incarnation) return;
    const gates = this.#gates('sample' in event ? event.sample : undefined);
    this.#apply({ ...event, ...this.#now(), ...gates, ...deploy });
  }

  #apply(event: Event): void {
    if (!this.#isStopped) this.#take(event, this.step(event));
  }

  /** What other apps put in the way of a restart of this one, where `sample` leads to it. */
  #gates(sample?: Sample): Gates {
    const isStopped = sample?.kind === 'fail' && sample.isStopped === true;
    return gatesFor(this.#known.verdict, this.#deps, isStopped);
  }

  #now(): { readonly at: number } {
    return { at: this.#deps.clock.now() };
  }

  async #lookForChange(isFirst: boolean): Promise<void> {
    try {
      const detail = failureOf(this.#known.verdict.state)?.detail ?? '';
      const what = await this.#files.change(this.#app(), this.#config(), { detail, isFirst });
      if (what !== null) this.#apply({ type: 'saved', at: this.#deps.clock.now(), what });
    } catch (error) {
      this.#deps.emit({ type: 'bug', error });
    }
  }
}

function isRestart({ type }: Decision): boolean {
  return type === 'restart';
}
